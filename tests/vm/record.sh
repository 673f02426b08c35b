# SPDX-License-Identifier: Apache-2.0
# kernels: 6.1
# A replay of a live recording gives the same alerts as live, in the same order, with the same
# fields.
. ./lib.sh

saker record -o none.skr -d 1 2> log
check "with neither daemon nor module it reports that" '[ $? = 3 ] && grep -q "modprobe saker" log'
modprobe saker

# From the module itself.
cat > marked.yaml <<'RULES'
- rule: marked file
  desc: a file whose name says so
  condition: evt.type in (open, openat, openat2, creat) and fd.name endswith .marked
  output: marked %fd.name by %proc.name of %proc.pname, %user.name, %evt.num
  priority: WARNING
RULES
start_until recording log saker record -o device.skr -d 5
for i in $(seq 50); do : > /tmp/$i.marked; done
wait $pid
check "without a daemon it records from the module" '[ $? = 0 ] && grep -q "from /dev/saker" log'
cat log
saker replay -r marked.yaml device.skr > alerts 2> /dev/null
check "... everything" '[ $(grep -c "Warning marked /tmp/[0-9]*.marked by sh of" alerts) = 50 ]'
check "... with the names of users" 'grep -q ", root, [1-9]" alerts'
start_until recording log \
  saker record -o open.skr -f "evt.type = openat and fd.name contains 7.marked"
for i in $(seq 50); do : > /tmp/$i.marked; done
kill -INT $pid
wait $pid
check "a condition selects events" 'grep -q "^5 events" log'
cat log
saker record -o open.skr -d 2 -f "evt.type = openat and fd.nam contains 7" 2> log
check "... and a wrong one is reported" \
  '[ $? = 2 ] && grep -q "condition:1:23: error: nonexistent field" log'

# From the daemon, with all attacks.
echo 'append_output = [{ suggested_output = true }]' > saker.toml
start_until watching sakerd.err \
  sakerd -c saker.toml -o file_output.enabled=true -o file_output.filename=/run/alerts.json \
  -o json_output=true > /dev/null
sakerd=$pid
start_until recording log saker record -o live.skr
record=$pid
check "with a daemon it records from the daemon" 'grep -q "from the daemon" log'
sleep 2
before=$(wc -l < /run/alerts.json)
sleep 1
saker generate --timeout 30 > table
check "the attacks are seen live" '[ $? = 0 ]'
sleep 2
after=$(wc -l < /run/alerts.json)
kill -INT $record
wait $record
check "SIGINT ends it normally" '[ $? = 0 ]'
tail -n 1 log
check "nothing is lost" 'grep -q ", 0 lost, 1 files" log'
saker replay -c saker.toml --json live.skr > replayed.json 2> replay.err
check "replay succeeds" '[ $? = 0 ]'
cat replay.err
tail -n +$((before + 1)) /run/alerts.json | head -n $((after - before)) > live.json
first=$(head -n 1 live.json)
at=$(grep -nxF "$first" replayed.json | head -n 1 | cut -d: -f1)
tail -n +${at:-1} replayed.json | head -n $((after - before)) > same.json
wc -l live.json replayed.json
check "the replay gives the alerts, in their order, to the byte" \
  '[ -s live.json ] && cmp live.json same.json'
diff live.json same.json | head -n 6
kill $sakerd
wait $sakerd
check "the daemon ends normally" '[ $? = 0 ]'
cat sakerd.err

# Live events, without a daemon and with one.
start_until listening err \
  saker events evt.type = unlink and fs.path.name startswith /tmp/ -n 3 \
  -f "somebody removes %fs.path.name" > lines
events=$pid
for i in 1 2 3 4; do rm /tmp/$i.marked; done
wait $events
check "live events, from the module" '[ $? = 0 ] && grep -q "listening on /dev/saker" err'
check "... only the requested ones, unchanged" '[ "$(cat lines)" = "somebody removes /tmp/1.marked
somebody removes /tmp/2.marked
somebody removes /tmp/3.marked" ]'
cat lines err
start_until watching sakerd.err sakerd -c saker.toml > /dev/null
sakerd=$pid
hooks() { saker status --json | grep -o '"attached":true' | wc -l; }
before=$(hooks)
start_until listening err saker events > lines
events=$pid
check "all events are hooked for it" '[ $(hooks) -gt $before ]'
rm /tmp/5.marked
check "each line is written at once, also to a file" \
  'await "grep -q \" unlink .*/tmp/5.marked\" lines"'
kill -INT $events
wait $events
check "SIGINT ends it with a summary" \
  '[ $? = 0 ] && grep -q "^$(wc -l < lines) events printed, 0 lost" err'
head -n 3 lines
cat err
check "nothing is hooked for it any more" '[ $(hooks) = $before ]'
kill $sakerd
wait $sakerd
