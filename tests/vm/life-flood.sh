# SPDX-License-Identifier: Apache-2.0
# kernels: 6.1 6.12
# vm: --file build/tests/life_flood
# Any program may change its user, namespaces, directory and group as often as it likes: no fork,
# exec or exit is lost because of that, and other events in the meantime are reported.
. ./lib.sh
modprobe saker
mkdir rules
cat > rules/a.yaml <<'RULES'
- rule: shadow
  desc: who reads the passwords
  condition: evt.type in (open, openat) and fd.name = /etc/shadow and proc.exe endswith cat
  output: "%proc.cmdline (of %proc.pname) read %fd.name"
  priority: CRITICAL
RULES
check "the daemon starts" 'start_daemon -o rules_files=rules \
  -o file_output.enabled=true -o file_output.filename=/root/alerts'
life_flood 30 /root/alerts > found
check "20 of 20 reads beside a flood are reported" '[ $? = 0 ]'
cat found
saker status --json > status.json
lost=$(sed 's/.*"lost_by_event":{\([^}]*\)}.*/\1/' status.json)
echo "# lost: ${lost:-nothing}"
# Not a check: an emulated guest stops while its host does something else, also with the lock held.
echo "# the life lock was held for $(counter processes life_lock_longest_us) us at most"
check "no fork, exec or exit is lost" \
  '! echo "$lost" | grep -qE "execve|clone|fork|procexit|unknown"'
check "each is reported with its program and parent" \
  '[ "$(grep -c "cat /etc/shadow (of life_flood) read /etc/shadow" alerts)" = 21 ]'
check "the daemon ends" 'stop_daemon'
