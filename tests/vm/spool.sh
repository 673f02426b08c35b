# SPDX-License-Identifier: Apache-2.0
# kernels: 6.1
# vm: --file /usr/lib/x86_64-linux-gnu/libcurl.so.4:/usr/lib/x86_64-linux-gnu/libcurl.so.4
# Alerts for a server that is away wait on disk: over SIGKILL and SIGTERM, and on a disk that is
# full; each arrives.
. ./lib.sh

modprobe saker
mkdir rules
cat > rules/a.yaml <<'RULES'
- rule: deed
  desc: d
  condition: evt.type in (open, openat, openat2) and fd.name startswith /tmp/deed
  output: deed %fd.name by %proc.name
  priority: CRITICAL
- rule: noise
  desc: d
  condition: evt.type in (open, openat, openat2) and fd.name = /tmp/noise
  output: noise %fd.name
  priority: NOTICE
RULES
cat > saker.toml <<'TOML'
rules_files = ["/root/rules"]
[stdout_output]
enabled = false
[spool]
directory = "/root/small/spool"
max_size = "4MiB"
[[output]]
name = "lines"
type = "syslog"
protocol = "tcp"
host = "127.0.0.1"
port = 5141
format = "json"
[[output]]
name = "memory"
type = "syslog"
protocol = "tcp"
host = "127.0.0.1"
port = 5142
spool = false
TOML
: > /tmp/noise
mkdir small
mount -t tmpfs -o size=6m tmpfs small
deed() {
  : > "/tmp/deed$1"
  read -r l < "/tmp/deed$1"
}
counter_of() { saker status --json | sed "s/.*\"name\":\"$1\",[^}]*\"$2\":\([0-9]*\).*/\1/"; }

start_daemon -c saker.toml
deed 1
deed 2
# Making the file is an open of its own: two alerts a deed.
check "alerts go to the spool" 'await "[ \$(counter_of spool written) = 4 ]"'
lines='"lines","taken":4,"written":0,"lost":0,"errors":[0-9]*,"waiting":4'
check "status shows what waits, for an output with the spool and for one without" \
  'await "saker status --json | grep -q \"\$lines.*memory.,.taken.:4\""'
check "saker spool does too" 'saker spool -c saker.toml > shown && grep -Eq "^lines +4  20" shown'
kill -KILL $pid
wait $pid 2> /dev/null
start_daemon -c saker.toml
deed 3
waiting() { saker spool --json -c saker.toml | sed 's/.*"waiting":\([0-9]*\).*/\1/'; }
check "after SIGKILL those of before wait still" 'await "[ \$(waiting) = 6 ]"'
stop_daemon
check "the end says that they do" \
  'grep -q "lines: 6 alerts wait in the spool for the next start" log'
check "... and that those in memory are lost" \
  'grep -q "memory: 2 alerts could not be written before the end" log'

# A disk that others have filled.
start_daemon -c saker.toml
dd if=/dev/zero of=small/filler bs=64k 2> /dev/null
i=0
while [ $i -lt 300 ]; do
  read -r l < /tmp/noise
  i=$((i + 1))
done
deed 4
made() { saker status --json | sed 's/.*"alerts":{"made":\([0-9]*\).*/\1/'; }
check "on a full disk the daemon goes on" 'await "[ \$(made) -ge 302 ]"'
# A connection may end, for nc has no input: then the output connects again.
printf '#!/bin/sh\ncat >> /root/got\n' > take
chmod +x take
: > got
busybox nc -ll -p 5141 -e /root/take &
server=$!
check "... and once the server is there it has every deed" \
  'await "[ \$(grep -o \"deed /tmp/deed[1-4] by\" got | wc -l) = 8 ]" 150'
noises() { grep -o "noise /tmp/noise" got | wc -l; }
accounted() { echo $(($(noises) + $(counter_of lines lost) + $(counter_of spool lost))); }
check "... and every noise that was not counted as lost" 'await "[ \$(accounted) = 300 ]" 150'
check "nothing waits any more" 'await "[ \$(counter_of lines waiting) = 0 ]"'
# Delivered alerts stay while there is space.
rm small/filler
deed 5
check "an alert after that is delivered" \
  'await "[ \$(grep -o \"deed /tmp/deed5 by\" got | wc -l) = 2 ]"'
check "what was delivered can be had again" \
  '[ "$(saker spool replay --from 1h -c saker.toml | grep -c deed5)" = 2 ]'
stop_daemon
check "it ends, with status 0" '[ $? = 0 ]'
kill $server 2> /dev/null
umount small
