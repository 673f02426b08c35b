# SPDX-License-Identifier: Apache-2.0
# kernels: 6.1
# A stdout that nobody reads affects only itself; losses are reported by every output; nothing
# survives SIGTERM.
. ./lib.sh
uptime_ms() { sed 's/\([0-9]*\)\.\([0-9][0-9]\) .*/\1\20/' /proc/uptime; }

modprobe saker
mkdir rules
cat > rules/a.yaml <<'RULES'
- rule: noise
  desc: d
  condition: evt.type in (open, openat, openat2) and fd.name = /tmp/noise
  output: noise %fd.name by %proc.name of %proc.pname
  priority: NOTICE
- rule: deed
  desc: d
  condition: evt.type in (open, openat, openat2) and fd.name = /tmp/deed
  output: deed %fd.name by %proc.name of %proc.pname
  priority: CRITICAL
- rule: hello
  desc: d
  condition: evt.type in (open, openat, openat2) and fd.name = /tmp/hello
  output: hello
  priority: NOTICE
RULES
cat > saker.toml <<'TOML'
rules_files = ["/root/rules"]
[rings]
event = "256KiB"
[file_output]
enabled = true
filename = "/root/alerts.log"
TOML
: > /tmp/noise
: > /tmp/deed
: > /tmp/hello
mkfifo pipe
sleep 1000 < pipe &
reader=$!
start_daemon -c saker.toml > pipe
saker alerts --json > followed 2> /dev/null &
follower=$!
# Until it really follows.
hellos=0
hello() {
  read l < /tmp/hello
  hellos=$((hellos + 1))
  sleep 0.5
  grep -q hello followed
}
await hello
# More than fits into the pipe, at a rate that an emulated daemon can sustain: nothing is lost in
# the ring.
i=0
while [ $i -lt 2000 ]; do
  read l < /tmp/noise
  i=$((i + 1))
  [ $((i % 50)) != 0 ] || sleep 0.1
done
read l < /tmp/deed
check "the file has every alert" '
  await "[ \$(grep -c noise alerts.log) = 2000 ] && grep -q \"Critical deed\" alerts.log"'
check "the follower too" 'await "[ \$(grep -c noise followed) = 2000 ]"'
before=$(uptime_ms)
saker status --json > status.json
took=$(($(uptime_ms) - before))
check "status answers at once ($took ms, the program's start included)" '[ $took -lt 10000 ]'
stdout="\"name\":\"stdout\",\"taken\":$((2001 + hellos)),\"written\":[0-9]*"
check "... and shows what waits for stdout" \
  'grep -q "$stdout,\"lost\":0,\"errors\":0,\"waiting\":[1-9]" status.json'

# The daemon is stopped while its ring overflows.
kill -STOP $pid
i=0
while [ $i -lt 8000 ]; do
  read l < /tmp/noise
  i=$((i + 1))
done
kill -CONT $pid
before=$(uptime_ms)
check "lost records are an alert" \
  'await "grep -q \"Critical Falco internal: syscall event drop\" alerts.log"'
took=$(($(uptime_ms) - before))
check "... soon: two seconds and what the emulation adds ($took ms)" '[ $took -lt 10000 ]'
check "... with their number, also for the follower" \
  'await "grep -q \"\\\"n_drops\\\":\\\"[1-9]\" followed"'
check "... and a line of the log" 'grep -q "warning: Falco internal: syscall event drop" log'

before=$(uptime_ms)
kill $pid
wait $pid
status=$?
took=$(($(uptime_ms) - before))
added="its deadline of five seconds and what the emulation adds"
check "SIGTERM ends it, with status 0, by $added ($took ms)" \
  '[ $status = 0 ] && [ $took -lt 15000 ]'
check "... and alerts that stdout did not take are reported" \
  'grep -q "stdout: [0-9]* alerts could not be written before the end" log'
kill $reader $follower 2> /dev/null
check "the module can be unloaded" 'rmmod saker'
