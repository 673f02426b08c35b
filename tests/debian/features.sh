# SPDX-License-Identifier: Apache-2.0
# Sourced by inside.sh while the service runs: every feature of the daemon under the unit as it is
# shipped, with the drop-in of docs/operating.md for those that need a network. What a restriction
# of the unit takes away fails here, and nowhere else.
# shellcheck shell=bash
mkdir -p /etc/systemd/system/saker.service.d /etc/saker/rules.d
cp /etc/saker/saker.toml /root/saker.toml.before
cat > /etc/systemd/system/saker.service.d/network.conf <<'UNIT'
[Service]
PrivateNetwork=no
IPAddressDeny=
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
UNIT
cat > /etc/saker/features.yaml <<'RULES'
- rule: Feature
  desc: a file whose name says which feature is tried
  condition: >
    evt.type in (open, openat, openat2, creat) and fd.name startswith /tmp/feature and
    fd.name endswith .mark
  output: >
    feature %fd.name user=%user.name loginname=%user.loginname parent=%proc.pname env=%proc.env
    id=%container.id name=%container.name image=%container.image.repository
  priority: WARNING
- rule: Host name
  desc: a name of the hosts file
  condition: evt.type = connect and fd.sip.name = feature.example
  output: connect %fd.sip
  priority: WARNING
RULES
cat > /etc/saker/saker.toml <<'TOML'
rules_files = ["/etc/saker/features.yaml", "/etc/saker/rules.d"]
json_output = true
watch_config_files = true
append_output = [{ suggested_output = true }]
[file_output]
enabled = true
filename = "/var/log/saker/alerts.json"
[syslog_output]
enabled = true
[program_output]
enabled = true
program = "cat >> /var/lib/saker/program.json"
[[output]]
name = "hook"
type = "webhook"
address = "http://127.0.0.1:8080/in"
[recorder]
enabled = true
[flight_recorder]
enabled = true
priority = "warning"
after = "1s"
[metrics]
enabled = true
interval = "2s"
output_rule = false
output_file = "/var/log/saker/metrics.jsonl"
[noise]
max_alerts_per_hour = 1
[names]
hosts_file = "/etc/hosts"
[webserver]
enabled = true
prometheus_metrics_enabled = true
[web]
password_file = "/etc/saker/web.password"
TOML
echo 127.0.0.9 feature.example >> /etc/hosts
useradd --no-create-home worker
# Docker's files of a container, and the container itself by runc.
digits=$(printf '%064d' 7)
mkdir -p "/var/lib/docker/containers/$digits" /root/box/rootfs/bin /root/box/rootfs/tmp
cat > "/var/lib/docker/containers/$digits/config.v2.json" <<CONFIG
{"ID": "$digits", "Name": "/shop", "Image": "sha256:$digits",
 "Config": {"Image": "registry.example/shop:1.2", "Labels": {"team": "blue"}}}
CONFIG
cp /bin/busybox /root/box/rootfs/bin/sh
(cd /root/box && runc spec && jq '.process.terminal = false | .root.readonly = false |
  .process.args = ["sh", "-c", ": > /tmp/feature-box.mark"] |
  .linux.cgroupsPath = "/docker/'"$digits"'"' config.json > new && mv new config.json)
cat > /root/answer <<'ANSWER'
#!/bin/bash
while read -r line && line=${line%$'\r'} && [ -n "$line" ]; do
  case $line in [Cc]ontent-[Ll]ength:*) length=${line#*: } ;; esac
done
head -c "${length:-0}" >> /root/web.json
printf 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'
ANSWER
chmod +x /root/answer
busybox nc -ll -p 8080 -e /root/answer &
server=$!

systemctl daemon-reload
check "features: the service starts with all of them" \
  'systemctl restart saker && await "saker status > /dev/null 2>&1"'
if [ $failed = 1 ]; then
  journalctl --no-pager -u saker | tail -n 20
  return
fi
has() { await "grep -qs '$2' '$1'" 20; }
runuser -u worker -- sh -c ': > /tmp/feature-user.mark'
runc --root /root/box/state run --bundle /root/box feature < /dev/null > /root/box/log 2>&1 ||
  bad "features: runc runs a container" "$(cat /root/box/log)"
: < /dev/tcp/127.0.0.9/9 2> /dev/null
alerts=/var/log/saker/alerts.json
check "features: the alert file" 'has $alerts feature-user.mark'
check "features: environment and parent of another user's process" '
  grep feature-user.mark $alerts | jq -e ".output_fields |
    .[\"user.name\"] == \"worker\" and .[\"proc.pname\"] == \"runuser\" and
    (.[\"proc.env\"] | contains(\"PATH=\"))" > /dev/null'
check "features: a container's name and image" '
  has $alerts feature-box.mark && grep feature-box.mark $alerts | jq -e ".output_fields |
    .[\"container.id\"] == \"000000000000\" and .[\"container.name\"] == \"shop\" and
    .[\"container.image.repository\"] == \"registry.example/shop\"" > /dev/null'
check "features: names of the hosts file" 'has $alerts "connect 127.0.0.9"'
check "features: syslog" 'await "journalctl --no-pager SYSLOG_IDENTIFIER=sakerd |
  grep -q feature-user.mark"'
check "features: a program that takes alerts" 'has /var/lib/saker/program.json feature-user.mark'
check "features: a web server, through the spool" 'has /root/web.json feature-user.mark'
check "features: snapshots of the counters" 'has /var/log/saker/metrics.jsonl scap.n_evts'
check "features: a rule over its budget" 'await "saker status --json |
  jq -e \".noise | tostring | contains(\\\"Feature\\\")\" > /dev/null"'
check "features: health, versions and metrics" '
  busybox wget -qO- http://127.0.0.1:8765/healthz | grep -q ok &&
  busybox wget -qO- http://127.0.0.1:8765/versions | grep -q version &&
  busybox wget -qO- http://127.0.0.1:8765/metrics | grep -q ^saker_alerts_total'
check "features: the flight recorder" '
  await "ls /var/lib/saker/flight/*Feature*.skr > /dev/null 2>&1" &&
  saker replay -c /etc/saker/saker.toml /var/lib/saker/flight/*Feature*.skr 2>&1 |
    grep -q feature-user.mark'
check "features: the continuous recorder" 'ls /var/lib/saker/recordings/*.skr > /dev/null'
start_until recording /root/record.log saker record -o /root/features.skr
: > /tmp/feature-record.mark
has $alerts feature-record.mark
kill -INT "$pid" && wait "$pid"
check "features: a recording by hand" '
  saker events /root/features.skr | grep -q feature-record.mark'
check "features: saker top" 'saker top --once --json | jq -e .rules > /dev/null'
cat > /etc/saker/rules.d/more.yaml <<'RULES'
- rule: Added
  desc: a rule that came while the daemon worked
  condition: evt.type in (open, openat, openat2, creat) and fd.name = /tmp/added
  output: added
  priority: WARNING
RULES
check "features: changed files are read again" '
  await ": > /tmp/added; grep -q \"Warning added\" $alerts"'
mv $alerts $alerts.1
check "features: a rotated file is made again" 'await ": > /tmp/added; [ -s $alerts ]"'
check "features: nothing was refused by the unit" '
  ! journalctl --no-pager -u saker -b | grep -iE "not permitted|permission denied|read-only|EPERM"'

echo "a long password" | saker web password /etc/saker/web.password > /root/web.log 2>&1
check "features: the page under its unit" 'systemctl start saker-web &&
  await "busybox wget -qO- http://127.0.0.1:8766/ 2> /dev/null | grep -q \"<title>\""'
check "features: the page's history is kept" 'await "ls /var/lib/saker/history/* > /dev/null 2>&1"'
systemctl stop saker-web
kill $server

cp /root/saker.toml.before /etc/saker/saker.toml
rm -rf /etc/systemd/system/saker.service.d
# The purge leaves what is not the packages' own.
rm /etc/saker/rules.d/more.yaml /etc/saker/features.yaml /etc/saker/web.password
systemctl daemon-reload
systemctl restart saker
