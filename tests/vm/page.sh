# SPDX-License-Identifier: Apache-2.0
# kernels: 6.1
# vm: --file build/saker-web:/usr/sbin/saker-web
# The page beside a live daemon: its alerts, what rules cost, noise, health, metrics, and why a rule
# alerted, from the flight recorder. It outlives the daemon. The generator in a loop, with a rate
# and a report.
. ./lib.sh
modprobe saker
ip link set lo up
mkdir rules
cat > rules/a.yaml <<'RULES'
- rule: Deed
  desc: d
  condition: >
    evt.type in (open, openat, openat2) and fd.name = /tmp/deed
    and not proc.name in (backup, rsync)
  output: deed %fd.name by %proc.name %proc.pid of %proc.pname, %proc.aname[2], %evt.num
  priority: CRITICAL
  tags: [T1059]
RULES
cat > saker.toml <<'TOML'
rules_files = ["/root/rules", "/etc/saker/rules.d"]
[stdout_output]
enabled = false
[flight_recorder]
enabled = true
directory = "/root/flight"
before = "10s"
after = "2s"
rules = ["Deed"]
[noise]
rules = { Deed = 10 }
[web]
password_file = "/root/page.password"
metrics_password_file = "/root/metrics.password"
history_directory = "/root/history"
TOML
echo "the password of the page" | saker-web password page.password 2> /dev/null
echo "the password of metrics" | saker-web password metrics.password 2> /dev/null
: > /tmp/deed
start_daemon -c saker.toml
saker-web serve -c /root/saker.toml 2> web.log &
web=$!
at=http://127.0.0.1:8766
check "the page starts" 'await "grep -q \"the page is at $at\" web.log"'
login() {
  cookie=$(wget -S -q -O /dev/null --header "Content-Type: application/json" \
    --post-data "{\"password\":\"$1\"}" $at/api/login 2>&1 |
    sed -n 's/.*[Ss]et-[Cc]ookie: \([^;]*\);.*/\1/p')
  [ -n "$cookie" ]
}
get() { timeout 60 wget -q -O - --header "Cookie: $cookie" "$at$1" 2> /dev/null; }
# The answer stays in the file `answer`; ~ in a pattern stands for ".
has() { grep -q -- "$(echo "$1" | tr '~' '"')" answer; }
page_has() { get "$1" > answer && has "$2"; }
soon() { await "page_has '$1' '$2'"; }
alerts_of() { get "/api/alerts?limit=500&rule=$1" > answer; grep -o '"rule":' answer | wc -l; }
check "nobody is let in without a password" '! get /api/alerts && ! login "not the password"'
check "the right one lets in" 'await "login \"the password of the page\""'
check "it follows the daemon" 'soon /api/status "~connected~:true"'
check "and shows its health" 'has "~daemon~:{~ok~:true,.*~hooks~:\[{~symbol~:"'

deeds() {
  i=0
  while [ $i -lt "$1" ]; do : < /tmp/deed; i=$((i + 1)); done
}
deeds 20
check "alerts are in the history" 'soon "/api/alerts?text=/tmp/deed&tag=T1059" "~rule~:~Deed~"'
check "all of them" 'await "[ \$(alerts_of Deed) = 20 ]"'
check "with what the process was" 'has "~proc.name~:~[a-z]" && has "~proc.pname~:"'
check "and their recording" 'has "~recording~:~/root/flight/[^~]*-Deed.skr~"'
noisy='~noise~:\[{~rule~:~Deed~,~alerts~:20,~budget~:10,.*override:'
check "the noisy rule has its source and an exception" 'soon /api/rules "$noisy"'
cost='~rule~:~Deed~,~alerts~:[0-9]*,~judged~:[1-9][0-9]*,~cost_ns~:[1-9]'
check "its cost is measured while somebody looks" \
  'await "deeds 200; page_has /api/rules \"\$cost\""'
# A recording ends two seconds after its alert.
sleep 4
check "why the rule alerted is explained, from the recording" \
  'soon /api/alerts/1/explanation "~decided_by~"'
check "by its condition" 'has "~matched~: *true" && has "fd.name = /tmp/deed" && has "~condition~"'

scrape() {
  timeout 60 wget -q -O - "$at$2" \
    --header "Authorization: Basic $(printf 'prometheus:%s' "$1" | base64)" 2> /dev/null
}
secret="the password of metrics"
check "a scraper has metrics, with their password" 'await "scrape \"\$secret\" /metrics > answer"'
check "those of the daemon" 'has "^saker_records_lost_total{lane=~event~} " &&
  has "^saker_rule_judged_total{rule_name=~Deed~} [1-9]"'
check "and its health" 'scrape "$secret" /healthz > answer && has "^{~status~:~ok~}$"'
check "but no alerts" '! scrape "$secret" /api/alerts'

saker generate --loop --rate 4 --json --timeout 30 read-sensitive-file write-below-etc \
  > generated 2> generate.log &
generator=$!
check "the generator's alerts reach the page, round after round" \
  'await "[ \$(alerts_of Read+sensitive+file+untrusted) -ge 3 ]"'
kill $generator
wait $generator
status=$?
cat generate.log
cp generated answer
check "ended, it reports, and all was seen" \
  '[ $status = 0 ] && has "^{.*~passed~:true.*}$" && ! has "~seen~:false"'
performed=$(sed 's/.*"performed":\([0-9]*\).*/\1/' generated)
check "as many as it performed" '[ "$performed" -ge 5 ] && has "~seen~:$performed[,}]"'
check "with their rules and times" \
  'has "~latency_ns~:[0-9]*,.*~rule~:~Write below etc~,~scenario~:~write-below-etc~,~seen~:true"'

stop_daemon
check "without the daemon the page goes on, and says so" \
  'soon /api/status "~connected~:false" && page_has "/api/alerts?rule=Deed" "~Deed~" &&
    ! scrape "$secret" /healthz'
start_daemon -c saker.toml
check "and follows the next one" 'soon /api/status "~connected~:true"'
check "no alert was lost on the way" 'has "~dropped~:0" && has "~lost~:0,~errors~:0"'
kill $web
wait $web
check "the page ends" '[ $? = 0 ]'
stop_daemon
cat web.log
