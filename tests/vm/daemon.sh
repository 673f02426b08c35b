# SPDX-License-Identifier: Apache-2.0
# kernels: 6.1
# sakerd from start to end: alerts, a second daemon, reload with wrong and right rules, a rotated
# file, SIGTERM, SIGKILL.
. ./lib.sh

sakerd 2> log
check "without the module it reports that, and what to type" \
  '[ $? = 1 ] && grep -q "the module is not loaded; load it: modprobe saker" log'

modprobe saker
sakerd -o nonsense=1 2> log
check "a wrong configuration has its own exit status" '[ $? = 78 ]'
unshare -p -f sakerd 2> log
check "in another pid namespace it reports that, with a hint" \
  '[ $? = 1 ] && grep -q -- "--pid=host" log'
mkdir rules
cat > rules/a.yaml <<'RULES'
- rule: marked file
  desc: a file whose name says so
  condition: evt.type in (open, openat, openat2, creat) and fd.name endswith .marked
  output: marked %fd.name by %proc.name of %proc.pname
  priority: WARNING
RULES
cat > saker.toml <<'TOML'
rules_files = ["/root/rules"]
[file_output]
enabled = true
filename = "/root/alerts.log"
[stdout_output]
enabled = false
TOML
check "it starts" 'start_daemon -c /root/saker.toml'
: > /tmp/one.marked
check "an alert arrives" 'await "grep -q \"Warning marked /tmp/one.marked by sh\" alerts.log"'

sakerd -c /root/saker.toml -o control.socket= -o file_output.enabled=false 2> log2
check "a second one is refused, and names the first" \
  '[ $? = 1 ] && grep -q "process $pid (sakerd)" log2'

echo '- rule: [' >> rules/a.yaml
check "a reload with wrong rules is refused" '! saker reload 2> reload.log'
check "... with the place of the error" 'grep -q "rules/a.yaml:[0-9]*:[0-9]*: error" reload.log'
: > /tmp/two.marked
check "... and the old rules stay" 'await "grep -q /tmp/two.marked alerts.log"'
sed -i -e '$d' -e 's/\.marked/.other/' rules/a.yaml
kill -HUP $pid
check "a reload with right rules" 'await "grep -q reloaded: log"'
: > /tmp/three.other
check "... takes effect" 'await "grep -q /tmp/three.other alerts.log"'
mv alerts.log alerts.old
kill -USR1 $pid
check "a file that was moved is opened again" 'await "[ -e alerts.log ]"'

for i in $(seq 200); do : > /tmp/$i.other; done
saker status --json > status.json
stop_daemon
check "SIGTERM ends it with status 0" '[ $? = 0 ]'
check "after everything was reported" '[ $(grep -c "/tmp/[0-9]*.other" alerts.log) = 200 ]'
check "it prints its counters" 'grep -q "written, 0 lost, 0 corrupted" log'
without=$(sed 's/.*"without_rings_bytes":\([0-9]*\).*/\1/' status.json)
echo "# resident without the rings: $((without / 1024)) KiB"
check "it needs at most 16 MiB without the rings" \
  '[ "$without" -gt 1000000 ] && [ "$without" -le $((16 << 20)) ]'
check "the module can be unloaded at once" 'rmmod saker'

modprobe saker
start_daemon -c /root/saker.toml
kill -9 $pid
wait $pid 2> /dev/null
check "after SIGKILL another one starts" \
  'start_daemon -c /root/saker.toml'
stop_daemon
check "... and the module unloads" 'rmmod saker'

# This guest has no libcurl.
{ cat saker.toml; printf '[kubernetes]\nenabled = true\napiserver = "https://127.0.0.1:6443"\n'; } \
  > kubernetes.toml
modprobe saker
check "without the library for the API server the sensor starts" \
  'start_daemon -c /root/kubernetes.toml'
check "... says which one is missing" 'grep -q "\[kubernetes\].*libcurl" log'
check "... and so does the status" 'saker status | grep -q "a library is missing"'
: > /tmp/one.other
check "... and it alerts" 'await "grep -q /tmp/one.other alerts.log"'
stop_daemon
