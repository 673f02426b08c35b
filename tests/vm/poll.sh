# SPDX-License-Identifier: Apache-2.0
# kernels: 6.12 5.10
# vm: --cpus 4
# Without io_uring a thread is woken only for its own CPUs, and the daemon uses at most twice the
# processor time.
. ./lib.sh
modprobe saker
mkdir rules
cat > rules/a.yaml <<'RULES'
- rule: marked file
  desc: a file whose name says so
  condition: evt.type in (open, openat, openat2, creat) and fd.name endswith .marked
  output: marked %fd.name by %proc.cmdline on CPU %evt.cpu
  priority: CRITICAL
RULES

# The work of one CPU: 3000 opens by one program, in bursts. Then the daemon's processor time, and
# how often its threads ran.
measure() {
  rm -f alerts
  start_daemon -o rules_files=rules -o threads.drain=4 \
    -o file_output.enabled=true -o file_output.filename=/root/alerts
  way=$(saker status --json | sed 's/.*"wait":"\([^"]*\)".*/\1/')
  before=$(cut -d . -f 1 /proc/uptime)
  for i in $(seq 30); do
    taskset 1 sh -c 'i=0; while [ $i -lt 100 ]; do : < /etc/passwd; i=$((i + 1)); done'
    : > /tmp/$i.marked
  done
  await '[ $(grep -c marked alerts) = 30 ]'
  check "$1: every alert is there ($way)" '[ $(grep -c marked alerts) = 30 ]'
  ticks=$(awk '{print $14 + $15}' /proc/$pid/stat)
  batches=$(saker status --json | grep -o '"batches":[0-9]*' | tr -dc '0-9\n' | tr '\n' ' ')
  seconds=$(($(cut -d . -f 1 /proc/uptime) - before))
  stop_daemon
  check "$1: the daemon ends" '[ $? = 0 ]'
  echo "# $1 ($way): $ticks ticks, batches of its four threads: $batches"
}

switch=/proc/sys/kernel/io_uring_disabled
if [ -e $switch ]; then
  measure "with io_uring"
  by_uring=$ticks
  echo 2 > $switch
  measure "without io_uring"
  check "without io_uring it waits by poll" '[ "$way" = poll ]'
  check "that takes no more than twice the time ($ticks and $by_uring ticks)" \
    '[ $ticks -le $((2 * by_uring + 20)) ]'
else
  measure "without multishot poll"
  check "it waits without a command of the module ($way)" '[ "$way" != "io_uring command" ]'
fi
# CPU 0 has nearly all records. Threads of other CPUs run when something happens there, and once a
# second.
set -- $batches
busy=$1 idle=$(($2 + $3 + $4))
check "the threads of idle CPUs sleep ($2, $3 and $4 batches beside $1 in $seconds s)" \
  '[ $idle -lt $((busy * 3 / 2 + 3 * seconds)) ]'
