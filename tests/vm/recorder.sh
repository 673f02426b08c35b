# SPDX-License-Identifier: Apache-2.0
# kernels: 6.1
# sakerd's own recording: everything that happened is in its files, their size is bounded, and a
# full disk is reported and counted.
. ./lib.sh
number() { counter recorder "$1"; }

modprobe saker
cat > marked.yaml <<'RULES'
- rule: marked file
  desc: a file whose name says so
  condition: evt.type in (open, openat, openat2, creat) and fd.name endswith .marked
  output: marked %fd.name by %proc.name, %evt.num
  priority: WARNING
RULES
cat > saker.toml <<'TOML'
rules_files = ["/root/marked.yaml"]
append_output = [{ suggested_output = false }]
[stdout_output]
enabled = false
[file_output]
enabled = true
filename = "/root/alerts.log"
[recorder]
enabled = true
directory = "/root/recordings"
keep = 3
TOML
check "--check takes the configuration" 'sakerd --check -c saker.toml | grep -q "are valid"'
sakerd --check -c saker.toml -o recorder.filter="fd.nam = x" \
  -o recorder.keep=0 -o recorder.rotate_size=many 2> err
check "... and reports what is wrong with one" '[ $? = 1 ] &&
  grep -q "condition:1:1: error: nonexistent field" err &&
  grep -q "recorder.keep is 0" err && grep -q "recorder.rotate_size is not a size" err'
start_daemon -c saker.toml
for i in 1 2 3; do : > /tmp/$i.marked; done
check "events are in the file within a few seconds" \
  'await "saker replay -q -c saker.toml recordings/sakerd.skr 2> /dev/null | grep -q /tmp/3.marked"'
saker replay -q -c saker.toml recordings/sakerd.skr > replayed
check "a replay of it, while it is written, gives the alerts" \
  '[ -s replayed ] && cmp alerts.log replayed'
stop_daemon
check "the daemon ends normally" '[ $? = 0 ]'
rm -r recordings
start_daemon -c saker.toml -o recorder.rotate_size=6KiB
for round in $(seq 24); do for i in $(seq 60); do : > /tmp/$round.$i.marked; done; sleep 0.4; done
sleep 2
ls -l recordings
check "files are rotated by size" '[ -e recordings/sakerd.skr.1 ] && [ -e recordings/sakerd.skr.2 ]'
check "and the requested number is kept" '[ $(ls recordings | wc -l) = 3 ]'
saker status | grep recorder
check "status counts them" '
  [ "$(number files)" -gt 3 ] && [ "$(number events)" -gt 1440 ] && [ "$(number lost)" = 0 ]'
stop_daemon
saker replay -q -c saker.toml \
  recordings/sakerd.skr.2 recordings/sakerd.skr.1 recordings/sakerd.skr > replayed
tail -n $(wc -l < replayed) alerts.log > expected
wc -l replayed
check "the files together hold the latest events, without a gap" \
  '[ $(wc -l < replayed) -gt 60 ] && cmp expected replayed'

mkdir small
mount -t tmpfs -o size=16k none small
start_daemon -c saker.toml -o recorder.directory=/root/small -o recorder.rotate_size=0 \
  -o recorder.events=all
for i in $(seq 40); do for j in $(seq 60); do : > /tmp/$i.$j.other; done; sleep 0.1; done
check "a full disk is reported" 'await "grep -q \"the recorder loses events: .*No space left\" log"'
check "... and counted" '[ "$(number errors)" -gt 0 ] && [ "$(number lost)" -gt 0 ]'
: > /tmp/still.marked
check "... and the daemon continues" 'await "grep -q /tmp/still.marked alerts.log"'
stop_daemon
check "... and ends normally" '[ $? = 0 ]'
grep recorder log

sed -i 's/^\[recorder\]$/&\nevents = "rules"/
  s/^directory.*/directory = "\/root\/first"/' saker.toml
sed '/^\[recorder\]/,/^enabled/s/true/false/' saker.toml > off.toml
cp off.toml changing.toml
start_daemon -c changing.toml
check "without a recorder there is no file" '[ ! -e first ]'
cp saker.toml changing.toml
saker reload
: > /tmp/one.marked
sed -i 's/first/second/' changing.toml
saker reload
: > /tmp/two.marked
check "a reload starts a recorder and moves it" \
  '[ -e first/sakerd.skr ] && [ -e second/sakerd.skr ]'
: > /tmp/not-a-directory
sed -i 's/"\/root\/second"/"\/tmp\/not-a-directory"/' changing.toml
saker reload 2> err
check "... refuses an impossible one, with a reason" '[ $? != 0 ] && grep -q not-a-directory err'
: > /tmp/three.marked
cp off.toml changing.toml
saker reload
: > /tmp/four.marked
check "... and ends it" \
  '[ "$(saker status --json | sed "s/.*\"recordings\":\([0-9]*\).*/\1/")" = 0 ]'
stop_daemon
saker replay -q -c saker.toml first/sakerd.skr > replayed-first
saker replay -q -c saker.toml second/sakerd.skr > replayed-second
check "events before the move are in the first" \
  'grep -q one.marked replayed-first && ! grep -q one.marked replayed-second'
check "events after it are in the second" \
  '! grep -q two.marked replayed-first && grep -q two.marked replayed-second'
check "... until the recorder ended" \
  'grep -q three.marked replayed-second && ! grep -q four.marked replayed-second'
check "nothing waits for the next start" '! grep -q "next start" log'
cat log
