#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Runs inside the Debian VM of tests/debian/run, as root under systemd: the steps of an operator on
# a bare-metal host.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8
loaded() { grep -q '^saker ' /proc/modules; }
printf '\nvm: booted %s\n' "$(uname -r)" > /dev/ttyS0
echo "vm: script starts" > /dev/kmsg
cd /root/saker || exit 1
. tests/lib.sh

check "the service was started at boot, and the module with it" \
  'await "systemctl is-active -q saker" && loaded'
systemctl is-active -q saker || journalctl --no-pager -u saker | tail -n 30
check "the module is DKMS's" 'modinfo -F filename saker | grep -q /updates/dkms/'
check "saker status answers" 'saker status > /dev/null'
pid=$(systemctl show -P MainPID saker)

saker alerts > /root/alerts.log 2>&1 &
follower=$!
sleep 1
cat /etc/shadow > /dev/null
check "reading /etc/shadow makes an alert" 'await "grep -q shadow /root/alerts.log"'
check "the journal has the alert" 'await "journalctl --no-pager -u saker | grep -q /etc/shadow"'
kill $follower

check "systemctl reload keeps the daemon" 'systemctl reload saker && systemctl is-active -q saker &&
  [ "$(systemctl show -P MainPID saker)" = "$pid" ]'
kill -KILL "$pid"
check "a killed daemon is restarted" '
  await "systemctl is-active -q saker && [ \"\$(systemctl show -P MainPID saker)\" != $pid ]"'
check "and sees again" 'await "saker status > /dev/null 2>&1" && cat /etc/shadow > /dev/null &&
  await "[ \$(journalctl --no-pager -u saker | grep -c /etc/shadow) -ge 2 ]"'
# The packages of the next version, while the sensor works. DKMS builds inside the VM.
if [ -d /root/debs ]; then
  old=$(modinfo -F srcversion saker) before=$(dpkg-query -W -f '${Version}' saker-dkms)
  echo "the build takes minutes here"
  dpkg -i /root/debs/*.deb > /root/upgrade.log 2>&1
  status=$(dpkg-query -W -f '${Status} ${Version}' saker-dkms)
  check "an upgrade succeeds" '[ "$status" = "install ok installed $before+next" ]'
  grep -q "install ok" <<< "$status" || cat /root/upgrade.log
  check "the service works with the new module" \
    'await "saker status > /dev/null 2>&1" && loaded && [ -n "$old" ]'
  lines=$(journalctl --no-pager -u saker | grep -c /etc/shadow)
  cat /etc/shadow > /dev/null
  check "and sees" 'await "[ \$(journalctl --no-pager -u saker | grep -c /etc/shadow) -gt $lines ]"'
  check "earlier alerts are still there" '[ "$lines" -ge 2 ]'
fi

. tests/debian/features.sh

check "when stopped, it leaves nothing attached and unloads the module" \
  'systemctl stop saker && await "! loaded"'

# The part of `make run` after the build: this kernel accepts modules, so no VM is needed.
tools/demo/place generate > /root/run.log 2>&1
status=$?
check "make run works on the running kernel" \
  '[ $status = 0 ] && grep -q "Running on this kernel, $(uname -r)" /root/run.log'
check "it saw every attack and lost nothing" '
  grep -q "^records: .*, 0 lost" /root/run.log && grep -qE "^([0-9]+) of \1 seen" /root/run.log'
[ $status = 0 ] || cat /root/run.log
check "it left nothing loaded" '! loaded'

dpkg --purge saker saker-dkms saker-rules > /root/purge.log 2>&1
check "a purge removes the module from DKMS" \
  '! dkms status 2> /dev/null | grep -q saker && ! modinfo saker > /dev/null 2>&1'
check "and the programs, the unit and the configuration" '
  [ ! -e /usr/sbin/sakerd ] && [ ! -e /etc/saker ] &&
  ! systemctl cat saker > /dev/null 2>&1'
