# SPDX-License-Identifier: Apache-2.0
# kernels: 6.1
# vm: --file tools/fleet/on-host --file /usr/bin/flock:/usr/bin/flock
# What tools/fleet/fleet and the Ansible role do on a host, with a real daemon: its rules and its
# configuration are replaced, it is watched, and it goes back.
. ./lib.sh
modprobe saker || exit 1
export FLEET_WAIT=2
# Starts the daemon again when it ends, as systemd would.
mkdir -p /usr/local/bin
cat > /usr/bin/systemctl <<'SYSTEMCTL'
#!/bin/sh
kill "$(cat /run/sakerd.pid)"
while kill -0 "$(cat /run/sakerd.pid)" 2> /dev/null; do sleep 0.1; done
/usr/sbin/sakerd > /dev/null 2>> /root/sakerd.log &
echo $! > /run/sakerd.pid
SYSTEMCTL
chmod 755 /usr/bin/systemctl
/usr/sbin/sakerd > /dev/null 2> /root/sakerd.log &
echo $! > /run/sakerd.pid
await 'saker status > /dev/null 2>&1' || { cat /root/sakerd.log; exit 1; }

on_host() { sh ./on-host "$@" > said 2>&1; status=$?; last=$(tail -n 1 said); }
rule() {
  mkdir -p "$1/rules"
  printf -- '- rule: %s\n  desc: d\n  condition: evt.type = %s and proc.name = nobody\n' \
    "$2" "$3" > "$1/rules/fleet.yaml"
  printf '  output: o\n  priority: INFO\n' >> "$1/rules/fleet.yaml"
}
enabled() { saker status --json | sed -n 's/.*"rules":{"enabled":\([0-9]*\).*/\1/p'; }
# judge NAME CONDITION: as check; what on-host said follows a failure.
judge() { if eval "$2"; then ok "$1"; else bad "$1" "$(cat said)"; fi; }

before=$(enabled)
counts="seen=[0-9]+ lost=[0-9]+ dropped=[0-9]+"
on_host status
judge "the status of a real daemon is read" \
  '[ $status = 0 ] &&
  echo "$last" | grep -Eq "^version=[0-9][^ ]* rules=$before fleet=[0-9a-f]{16} $counts$"'
rule one one connect
on_host -n apply one
judge "what would change" \
  '[ "$last" = "would change: rules" ] && [ "$(enabled)" = "$before" ]'
on_host apply one
judge "rules are taken" '[ "$last" = changed ] && [ "$(enabled)" = $((before + 1)) ]'
on_host apply one
judge "and again, nothing is done" '[ "$last" = unchanged ]'
rule two two nonsense
on_host apply two
judge "wrong rules are refused, and the daemon has those of before" \
  '[ $status = 1 ] && echo "$last" | grep -q "^refused: " && [ "$(enabled)" = $((before + 1)) ] &&
  grep -q connect /etc/saker/rules.d/fleet-fleet.yaml'
mkdir three
echo 'priority = "critical"' > three/saker.toml
on_host apply three
judge "the configuration is taken by a new process" \
  '[ "$last" = changed ] && cmp -s three/saker.toml /etc/saker/saker.toml &&
  [ "$(enabled)" -lt "$before" ]'
echo 'prioritty = 1' > three/saker.toml
on_host apply three
judge "a wrong configuration is refused" \
  'echo "$last" | grep -q "^refused: .*prioritty" && grep -q critical /etc/saker/saker.toml'
on_host back
judge "it goes back" \
  '[ "$last" = changed ] && ! grep -qs critical /etc/saker/saker.toml &&
  [ "$(enabled)" = $((before + 1)) ]'

# A daemon that ends while it is watched, and is started again as by systemd.
rule four four openat
(
  await '[ "$(grep -sc openat /etc/saker/rules.d/fleet-fleet.yaml)" = 1 ]'
  sleep 2
  systemctl restart
) &
FLEET_WAIT=60 on_host apply four
judge "a daemon that is another process afterwards is unhealthy" \
  '[ $status = 2 ] && echo "$last" | grep -q "ended and was started again" &&
  grep -q connect /etc/saker/rules.d/fleet-fleet.yaml'
kill "$(cat /run/sakerd.pid)"
while kill -0 "$(cat /run/sakerd.pid)" 2> /dev/null; do sleep 0.1; done
