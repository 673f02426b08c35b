# SPDX-License-Identifier: Apache-2.0
# kernels: 6.1 6.12 5.10
# vm: --cpus 3 --append preempt=full --timeout 900 --file build/tests/kmod_wait
# Loads and unloads the module 50 times while system calls, forks and execs run, ten times with
# hooks attached; then once more while calls are blocked in hooked functions. Those return after the
# module is gone and another one is in its place.
. ./lib.sh

# Opens, forks and execs, until the file goes away.
busy() {
  while [ -e /tmp/busy ]; do
    cat /etc/passwd /no/such > /dev/null 2>&1
    (cd /tmp && ls > /dev/null)
  done
}

hold() {
  : > /tmp/hang
  kmod_wait hang > /tmp/hang &
  hanging=$!
  await "grep -q hanging /tmp/hang"
}
let_go() {
  kill -9 $hanging
  wait $hanging 2> /dev/null
}

: > /tmp/busy
for i in 1 2 3; do busy & done
times=0
for i in $(seq 50); do
  modprobe saker || break
  # Every fifth time with the hooks of openat and of process life, and with the consumer killed.
  if [ $((i % 5)) = 0 ]; then
    hold
    let_go
  fi
  rmmod saker || break
  times=$i
done
rm /tmp/busy
wait
check "loaded and unloaded 50 times beside busy processes ($times)" '[ $times = 50 ]'

mkfifo /tmp/fifo
modprobe saker
hold
for i in 1 2 3 4 5 6 7 8; do (echo through > /tmp/fifo && echo $i >> /tmp/ended) & done
blocked=$!
(: > /tmp/fifo) &
killed=$!
sleep 1
kill -9 $killed
let_go
check "it unloads while calls are blocked in it" 'rmmod saker'
# The replaced word on the stack must not end the unwinding there, or look as if it did.
check "and the stack of such a call is read to its end" \
  'grep -q "do_syscall_64" /proc/$blocked/stack'
modprobe saker
hold
cat /tmp/fifo > /tmp/through
sleep 1
check "the calls return ($(wc -l < /tmp/ended) of 8)" \
  '[ $(wc -l < /tmp/ended) = 8 ] && [ $(wc -l < /tmp/through) = 8 ]'
let_go
check "and it unloads again" 'rmmod saker'
