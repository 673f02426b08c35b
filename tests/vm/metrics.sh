# SPDX-License-Identifier: Apache-2.0
# kernels: 6.1
# What a daemon reports without being asked: snapshots of its metrics, rules over their budget,
# folded repeats; saker top and the filters of saker alerts.
. ./lib.sh
modprobe saker
mkdir rules
cat > rules/a.yaml <<'RULES'
- rule: Deed
  desc: d
  condition: evt.type in (open, openat, openat2) and fd.name = /tmp/deed
  output: deed %fd.name by %proc.name
  priority: CRITICAL
- rule: Other
  desc: d
  condition: evt.type in (open, openat, openat2) and fd.name = /tmp/other
  output: other %fd.name by %proc.name %evt.type
  priority: NOTICE
RULES
cat > saker.toml <<'TOML'
[metrics]
enabled = true
interval = "2s"
output_file = "/tmp/metrics.jsonl"
[noise]
max_alerts_per_hour = 10
rules = { Other = 0 }
fold_repeats = true
fold_window = "3s"
[stdout_output]
enabled = false
[file_output]
enabled = true
filename = "/tmp/alerts"
TOML
: > /tmp/deed
: > /tmp/other
start_daemon -c saker.toml -r rules
saker alerts --json --priority notice "fd.name = /tmp/other" > followed 2> follow.err &
follower=$!
await 'saker status --json | grep -q "\"ok\":true"'
i=0
while [ $i -lt 50 ]; do : < /tmp/deed; i=$((i + 1)); done
check "the first of repeats passes at once" \
  'await "grep -q \"deed /tmp/deed by [^ ]*\$\" /tmp/alerts"'
folded="repeated=49 from=[-0-9T:.]*Z to=[-0-9T:.]*Z"
check "the others become one, with their number and times" \
  'await "grep -qE \"deed .* $folded\" /tmp/alerts"'
check "there are no more of them" '[ "$(grep -c "deed /tmp/deed" /tmp/alerts)" = 2 ]'
over="rule .Deed. made 50 alerts within an hour, over its budget of 10; most are of /"
check "the rule is over its budget, with its source" 'await "grep -q \"$over\" log"'
saker status --json > status
check "the status has it, and an exception" \
  'grep -q "\"noise\":\[{\"rule\":\"Deed\",\"alerts\":50,\"budget\":10,.*override:" status'
life='"latency":{"life":{"alerts":0,.*' event='"event":{"alerts":50,"mean_us":[1-9]'
check "it has how long alerts took" 'grep -q "$life$event" status'
check "a snapshot is an alert" \
  'await "grep -q \"Informational Falco metrics snapshot\" /tmp/alerts"'
check "and a line of a file" '
  await "grep -q \"falco.rules.Deed.:50,.*scap.n_evts.:[1-9].*sample.:\" /tmp/metrics.jsonl"'
# Until the follower is there, and then it is.
check "alerts are chosen by a condition" 'await ": < /tmp/other; grep -q \"rule.:.Other\" followed"'
check "and no others come" '! grep -q Deed followed'
busy() { while :; do : < /tmp/deed; done; }
busy &
work=$!
check "top names the busy process" '
  await "saker top --once --json > top && grep -q \"\\\"processes\\\":\[{\\\"pid\\\":$work,\" top"'
check "and the rule" 'grep -q "\"rule\":\"Deed\",\"alerts_per_second\":[1-9]" top'
kill $work $follower
check "as text, too" 'saker top --once | grep -q "PROCESS"'
: < /tmp/other
: < /tmp/other
: < /tmp/other
# Everything that waits is reported at the end.
stop_daemon
check "the daemon ends" '[ $? = 0 ]'
check "no repeat is lost at the end" \
  '[ "$(grep -c "other /tmp/other" /tmp/alerts)" -ge 1 ] && grep -q "repeated=" /tmp/alerts'
