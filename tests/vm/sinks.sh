# SPDX-License-Identifier: Apache-2.0
# kernels: 6.1
# vm: --file /usr/lib/x86_64-linux-gnu/libcurl.so.4:/usr/lib/x86_64-linux-gnu/libcurl.so.4
# Outputs of the daemon after it has dropped its privileges: servers and programs get the alerts;
# dead ones affect only themselves.
. ./lib.sh

modprobe saker
mkdir rules
cat > rules/a.yaml <<'RULES'
- rule: deed
  desc: d
  condition: evt.type in (open, openat, openat2) and fd.name = /tmp/deed
  output: deed %fd.name by %proc.name
  priority: CRITICAL
RULES
cat > saker.toml <<'TOML'
rules_files = ["/root/rules"]
[program_output]
enabled = true
program = "cat >> /root/program"
[[output]]
name = "stream"
type = "syslog"
protocol = "tcp"
host = "127.0.0.1"
port = 5141
[[output]]
type = "webhook"
address = "http://localhost:8080/in"
[[output]]
name = "closed"
type = "webhook"
address = "http://127.0.0.1:9/"
[[output]]
name = "nobody"
type = "webhook"
address = "http://192.0.2.77/"
spool = false
TOML
cat > answer <<'ANSWER'
#!/bin/sh
length=0
while read -r line; do
  line=${line%?}
  case $line in
    Content-Length:*) length=${line#*: } ;;
    "") break ;;
  esac
done
head -c "$length" >> /root/web
printf 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}'
ANSWER
chmod +x answer
: > /tmp/deed
: > web
busybox nc -l -p 5141 > stream &
busybox nc -ll -p 8080 -e /root/answer &
start_daemon -c saker.toml
check "every thread has given up its privileges" \
  '[ "$(sed -n "s/^CapEff:\t//p" /proc/$pid/task/*/status | sort -u)" = 0000000000080004 ] &&
   [ "$(sed -n "s/^Seccomp:\t//p" /proc/$pid/task/*/status | sort -u)" = 2 ]'
read l < /tmp/deed
check "a program has the alert" 'await "grep -q \"Critical deed /tmp/deed\" program"'
check "a syslog server has it, by TCP" 'await "grep -q \"<10>1 .*Critical deed /tmp/deed\" stream"'
check "a web server has it" 'await "grep -q \"\\\"rule\\\":\\\"deed\\\"\" web"'
check "unreachable ones keep their alerts" 'saker status --json |
  grep -q "\"name\":\"closed\",\"taken\":1,\"written\":0,\"lost\":0,\"errors\":[1-9]"'
check "... and log the reason" \
  'await "grep -q \"warning: closed: .*; alerts are kept and tried again\" log"'

sed -i 's#/root/program"#/root/other"#' saker.toml
check "a reload with another program is refused, because it cannot be started any more" \
  '! saker reload 2> refused && grep -q "cannot start programs any more" refused'
sed -i 's#/root/other"#/root/program"#; s#^name = "closed"#name = "renamed"#' saker.toml
check "one with another server is not" 'saker reload'
read l < /tmp/deed
check "... and it gets alerts" '
  await "saker status --json | grep -q \"\\\"name\\\":\\\"renamed\\\",\\\"taken\\\":1\""'
check "a program that stays gets more alerts" 'await "[ \$(grep -c deed program) = 2 ]"'

before=$(cut -d . -f 1 /proc/uptime)
stop_daemon
status=$?
took=$(($(cut -d . -f 1 /proc/uptime) - before))
added="its deadline of five seconds and what the emulation adds"
check "SIGTERM ends it, with status 0, by $added ($took s)" \
  '[ $status = 0 ] && [ $took -lt 15 ]'
check "... and unsent alerts are reported" \
  'grep -q "nobody: 2 alerts could not be written before the end" log'
kill %1 %2 2> /dev/null
