# SPDX-License-Identifier: Apache-2.0
# kernels: 6.1
# The flight recorder: an attack makes a file, its alert names it, and a replay of it gives the
# alert again, with the events before and after.
. ./lib.sh
number() { counter flight_recorder "$1"; }

modprobe saker
cat > rules.yaml <<'RULES'
- rule: Bad thing
  desc: an attack
  condition: evt.type in (open, openat, openat2, creat) and fd.name = /tmp/attack
  output: attack by %proc.name of %proc.pname, %evt.num
  priority: CRITICAL
- rule: Odd thing
  desc: to be recorded too, though it is not severe
  condition: evt.type in (open, openat, openat2, creat) and fd.name = /tmp/odd
  output: odd
  priority: NOTICE
- rule: Usual thing
  desc: not worth a file
  condition: evt.type in (open, openat, openat2, creat) and fd.name startswith /tmp/usual
  output: usual %fd.name
  priority: WARNING
- rule: Wanting thing
  desc: the rule itself wants a recording
  condition: evt.type in (open, openat, openat2, creat) and fd.name = /tmp/wanting
  output: wanting
  priority: INFO
  capture: true
  capture_duration: 15000
RULES
cat > saker.toml <<'TOML'
rules_files = ["/root/rules.yaml"]
append_output = [{ suggested_output = false }]
[stdout_output]
format = "json"
[file_output]
enabled = true
filename = "/root/alerts.log"
[flight_recorder]
enabled = true
directory = "/root/flight"
before = "30s"
after = "5s"
rules = ["Odd thing"]
keep = 2
TOML
start_daemon -c saker.toml > alerts.json
: > /tmp/usual.before
check "events are kept in memory" '
  await "[ \$(number memory_events) -gt 0 ]" &&
  [ "$(number memory_events)" -gt 0 ] && [ "$(number memory_bytes)" -gt 0 ]'
: > /tmp/attack
sleep 1
: > /tmp/usual.after
await "grep -q 'usual.after' alerts.log"
check "no other alert makes a file" '[ $(grep -c recording= alerts.log) = 1 ]'
file=$(sed -n 's/.*Critical attack.* recording=//p' alerts.log)
echo "$file"
check "the alert names its file" \
  'echo "$file" | grep -qE "^/root/flight/20[0-9TZ:.-]*-Bad-thing.skr$"'
check "as JSON too" \
  'grep "\"rule\":\"Bad thing\"" alerts.json | grep -q "\"recording\":\"$file\"}$"'
sleep 7
: > /tmp/usual.late
saker replay -q -c saker.toml "$file" > replayed
check "a replay gives the alert again, to the byte" \
  '[ "$(grep Critical replayed)" = "$(sed -n "/Critical attack/s/ recording=.*//p" alerts.log)" ]'
check "... with the events before" 'grep -q usual.before replayed'
check "... and after" 'grep -q usual.after replayed'
check "... until its time is up" '! grep -q usual.late replayed'
: > /tmp/odd
await "grep -q ' odd' alerts.log"
check "a named rule makes one too" 'grep -q "Notice odd recording=.*-Odd-thing.skr" alerts.log'
sleep 7
: > /tmp/attack
await "[ \$(grep -c attack alerts.log) = 2 ]"
: > /tmp/attack
await "[ \$(grep -c attack alerts.log) = 3 ]"
check "alerts at one moment share a file" \
  '[ $(sed -n "s/.* recording=//p" alerts.log | sort -u | wc -l) = 3 ]'
saker status | grep flight
check "status counts them" '
  await "[ \$(number files) = 3 ]" && [ "$(number errors)" = 0 ] && [ "$(number lost)" = 0 ]'
ls -l flight
check "the oldest is deleted" '[ $(ls flight | wc -l) = 2 ] && [ ! -e "$file" ]'
sleep 7
: > /tmp/wanting
await "grep -q ' wanting recording=' alerts.log"
check "a rule that asks for it makes one" \
  'grep -q "Informational wanting recording=.*-Wanting-thing.skr" alerts.log'
sleep 7
: > /tmp/usual.within
await "grep -q 'usual.within' alerts.log"
sleep 11
: > /tmp/usual.beyond
sleep 2
saker replay -q -c saker.toml "$(sed -n 's/.* wanting recording=//p' alerts.log)" > replayed
check "... with the length that the rule asks for" \
  'grep -q usual.within replayed && ! grep -q usual.beyond replayed'
cp saker.toml before.toml
sed -i 's/^rules = .*/rules = ["Usual thing"]/
  s/^directory.*/directory = "\/root\/moved"/' saker.toml
saker reload
: > /tmp/usual.reloaded
await "grep -q 'usual.reloaded' alerts.log"
check "a reload changes which alerts make a file, and its directory" \
  'grep -q "usual.reloaded recording=/root/moved/.*-Usual-thing.skr" alerts.log'
cp before.toml saker.toml
saker reload
: > /tmp/attack
await "[ \$(grep -c attack alerts.log) = 4 ]"
stop_daemon
check "the daemon ends normally" '[ $? = 0 ]'
last=$(sed -n 's/.* recording=//p' alerts.log | tail -n 1)
check "and its unfinished file is complete" \
  '[ $(saker replay -q -c saker.toml "$last" | grep -c Critical) -ge 1 ]'
cat log
