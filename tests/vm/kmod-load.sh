# SPDX-License-Identifier: Apache-2.0
# kernels: 6.1 6.12 5.10
# vm: --timeout 600 --one-thread --file build/tests/kmod_wait
# The module comes and goes 50 times while system calls, forks and execs run, ten times with hooks attached.
check() { if eval "$2"; then echo "ok - $1"; else echo "not ok - $1"; fi; }

# Opens, forks and execs, until the file goes away.
busy() {
  while [ -e /tmp/busy ]; do
    cat /etc/passwd /no/such > /dev/null 2>&1
    (cd /tmp && ls > /dev/null)
  done
}

: > /tmp/busy
for i in 1 2 3; do busy & done
times=0
for i in $(seq 50); do
  modprobe saker || break
  # Every fifth time with the hooks of openat and of life, and the consumer killed.
  if [ $((i % 5)) = 0 ]; then
    : > /tmp/hang
    kmod_wait hang > /tmp/hang &
    hanging=$!
    for j in $(seq 100); do grep -q hanging /tmp/hang && break; sleep 0.05; done
    kill -9 $hanging
    wait $hanging 2> /dev/null
  fi
  rmmod saker || break
  times=$i
done
rm /tmp/busy
wait
check "loaded and unloaded 50 times beside busy processes ($times)" '[ $times = 50 ]'
