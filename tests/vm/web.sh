# SPDX-License-Identifier: Apache-2.0
# kernels: 6.1
# The web server of a daemon that has dropped its privileges: health, versions, metrics; idle
# connections and a port in use do no harm. Falco's -P and -M.
. ./lib.sh
modprobe saker
ip link set lo up
mkdir rules
cat > rules/a.yaml <<'RULES'
- rule: 'deed "of" <b>'
  desc: d
  condition: evt.type in (open, openat, openat2) and fd.name = /tmp/deed
  output: deed %fd.name
  priority: CRITICAL
  tags: [T1059.004]
RULES
: > /tmp/deed
web="-o webserver.enabled=true -o webserver.prometheus_metrics_enabled=true"
# shellcheck disable=SC2086
start_daemon -c /dev/null -r rules -P /run/saker.pid $web
get() { timeout 10 wget -q -O - "http://127.0.0.1:8765$1"; }
check "it is healthy" '[ "$(get /healthz)" = "{\"status\":\"ok\"}" ]'
check "it names its version" 'get /versions | grep -q saker_version'
check "there is nothing else" '! get /etc/passwd'
check "-P has the number of the process" '[ "$(cat /run/saker.pid)" = $pid ]'
read l < /tmp/deed
read l < /tmp/deed
counted='falcosecurity_falco_rules_matches_total{priority="2",rule_name="deed \"of\" <b>"'
counted=$counted',source="syscall",tag_T1059_004="true"} 2'
check "alerts are counted by rule" 'await "get /metrics | grep -qF \"\$counted\""'
get /metrics > metrics
check "records by lane" 'grep -q "^saker_records_seen_total{lane=\"event\"} [1-9]" metrics'
check "and by output" 'grep -q "^saker_output_alerts_written_total{output=\"stdout\"} 2" metrics'
check "how long they took" 'grep -q "^saker_alert_latency_seconds_count{lane=\"event\"} 2" metrics'
i=0
while [ $i -lt 2000 ]; do : < /tmp/deed; i=$((i + 1)); done
check "and what the rule costs, of a sample" \
  'await "get /metrics | grep -q \"^saker_rule_judged_total{rule_name=.* [1-9]\""'
check "and hooks" 'grep -q "^saker_hook_attached{hook=.*} 1" metrics'
i=0
idle=""
while [ $i -lt 100 ]; do
  nc 127.0.0.1 8765 < /dev/zero > /dev/null 2>&1 &
  idle="$idle $!"
  i=$((i + 1))
done
check "a hundred other connections do not keep it from answering" \
  'await "[ \"\$(get /healthz)\" = \"{\\\"status\\\":\\\"ok\\\"}\" ]"'
# shellcheck disable=SC2086
kill $idle 2> /dev/null
stop_daemon
check "the daemon ends" '[ $? = 0 ]'
# A daemon whose port is in use watches nevertheless, until -M ends it.
mkdir www
busybox httpd -p 8765 -h www
# shellcheck disable=SC2086
sakerd -c /dev/null -r rules -M 3 $web 2> other
check "-M ends it, as SIGTERM does" '[ $? = 0 ] && grep -q "as -M asked" other'
check "a port in use does not keep the sensor from watching" '
  grep -q "Address already in use; continuing without it" other && grep -q watching other'
