# SPDX-License-Identifier: Apache-2.0
# kernels: 6.1
# vm: --file build/tests/as_user
# vm: --file build/tests/libnss_test.so.2:/usr/lib/x86_64-linux-gnu/libnss_test.so.2
# Users that only a directory service knows have their names in alerts; a service that hangs delays
# nothing.
. ./lib.sh
modprobe saker
printf 'passwd: files test\ngroup: files test\n' > /etc/nsswitch.conf
echo "user:100000:65536" | tee /etc/subuid > /etc/subgid
mkdir rules
cat > rules/a.yaml <<'RULES'
- rule: of the directory
  desc: files that users of the directory open, selected by user name
  condition: evt.type in (open, openat) and fd.name endswith .marked and user.name startswith dir
  output: "%user.name (%group.name, %user.shell) opened %fd.name"
  priority: CRITICAL
- rule: of others
  desc: what others open
  condition: evt.type in (open, openat) and fd.name endswith .marked
  output: "other %user.uid (%user.name) opened %fd.name"
  priority: CRITICAL
RULES
# by UID NAME: a file that the user reads.
by() {
  : > "/tmp/$2.marked" && chmod 644 "/tmp/$2.marked"
  as_user "$1" cat "/tmp/$2.marked"
}
options="-o rules_files=rules -o stdout_output.enabled=false"
options="$options -o file_output.enabled=true -o file_output.filename=/root/alerts"
check "the daemon starts" 'start_daemon $options'
# In an emulated guest the first answer may take longer than an event waits for it.
check "a user of the directory has a name" \
  'await "by 5000 first; grep -q \"dir5000 (dir5000, /bin/sh) opened /tmp/first\" alerts"'
by 1000 local
check "a user of /etc/passwd needs no directory" \
  'await "grep -q \"other 1000 (user) opened /tmp/local.marked\" alerts"'
asked=$(counter names asked)
by 100007 subordinate
check "a subordinate number is not asked" '
  await "grep -q \"other 100007 (<NA>) opened /tmp/subordinate.marked\" alerts" &&
  [ "$(counter names asked)" = $asked ]'
by 7000 hanging
check "while the directory hangs, an event of that user is reported without a name" \
  'await "grep -q \"other 7000 (<NA>) opened /tmp/hanging.marked\" alerts"'
for i in 1 2 3 4 5 6 7 8 9; do by "500$i" "after$i"; done
check "and so are the events of others, at once" '
  await "[ \$(grep -c \"other 500. (<NA>) opened /tmp/after\" alerts) = 9 ]" 20'
by 5000 again
check "names that were found stay" '
  await "grep -q \"dir5000 .* opened /tmp/again.marked\" alerts"'
check "the log names what is asked" '
  await "grep -q \"looking up user 7000 .* takes longer\" log"'
check "the daemon ends without waiting for the directory" 'stop_daemon'
[ $failed = 0 ] || { cat log; cat alerts; }
