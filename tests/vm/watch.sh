# SPDX-License-Identifier: Apache-2.0
# kernels: 6.1
# Changed files are read again by themselves; thousands of rules are compiled while the daemon
# answers; what is wrong leaves the old rules; counters stay.
. ./lib.sh
modprobe saker
mkdir rules conf.d
rule() { # NAME FILE PRIORITY
  cat << RULE
- rule: $1
  desc: d
  condition: evt.type in (open, openat, openat2) and fd.name = $2
  output: $1 %fd.name
  priority: $3
RULE
}
rule Deed /tmp/deed WARNING > rules/a.yaml
cat > saker.toml <<'TOML'
watch_config_files = true
config_files = ["/root/conf.d"]
rules_files = ["/root/rules"]
[stdout_output]
enabled = false
[file_output]
enabled = true
filename = "/tmp/alerts"
TOML
: > /tmp/deed
start_daemon -c /root/saker.toml
busiest() { saker status --json | sed 's/.*"busiest"//'; }
check "a rule alerts" 'await ": < /tmp/deed; grep -q \"Deed /tmp/deed\" /tmp/alerts"'
rule New /tmp/new WARNING > rules/b.yaml
: > /tmp/new
check "a rule file that comes is read" 'await ": < /tmp/new; grep -q \"New /tmp/new\" /tmp/alerts"'
check "what was counted stays" 'busiest | grep -q "\"rule\":\"Deed\",\"alerts\":[1-9]"'
echo 'json_output = true' > conf.d/a.toml
check "and a file of the configuration" 'await ": < /tmp/new; grep -q \"rule.:.New\" /tmp/alerts"'
echo '- rule: broken' > rules/b.yaml
check "a wrong one is refused, with the reason" \
  'await "grep -q \"not reloaded, the old configuration and rules stay\" log"'
: > /tmp/alerts
check "and the old rules stay" 'await ": < /tmp/new; grep -q New /tmp/alerts"'
# Many rules: a slow machine takes its time, and the daemon answers meanwhile.
rm rules/b.yaml
i=0
while [ $i -lt 5000 ]; do
  rule "rule$i" "/many/$i" NOTICE
  i=$((i + 1))
done > many
mv many rules/many.yaml
saker reload > reloaded 2>&1 &
reload=$!
answers=0
while kill -0 $reload 2> /dev/null && saker status --json > /dev/null; do
  answers=$((answers + 1))
done
wait $reload
check "5,000 rules are loaded" \
  '[ $? = 0 ] && saker status --json | grep -q "\"rules\":{\"enabled\":5001,"'
check "while the status was answered" '[ $answers -ge 2 ]'
check "what was counted stays over all of it" \
  'busiest | grep -q "\"rule\":\"New\",\"alerts\":[1-9]"'
# SIGTERM is not kept waiting by a reload.
kill -HUP "$pid"
stop_daemon
check "the daemon ends while it loads" '[ $? = 0 ]'
