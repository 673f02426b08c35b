# SPDX-License-Identifier: Apache-2.0
# kernels: 6.1 6.12 5.10
# vm: --timeout 240 --file build/tests/kmod_device --file build/tests/kmod_rings --file build/tests/kmod_wait --file build/tests/kmod_fuzz
# The module's rings, device and waiting, from the consumer's side; then its coming and going under load.
check() { if eval "$2"; then echo "ok - $1"; else echo "not ok - $1"; fi; }

# Opens, forks and sockets on every CPU, until the file goes away.
busy() {
  while [ -e /tmp/busy ]; do
    cat /etc/passwd /no/such > /dev/null 2>&1
    (cd /tmp && ls > /dev/null)
  done
}

check "the module loads" 'modprobe saker'
kmod_device
kmod_rings
kmod_wait

: > /tmp/hang
kmod_wait hang > /tmp/hang &
hanging=$!
for i in $(seq 100); do grep -q hanging /tmp/hang && break; sleep 0.1; done
check "a loaded module in use does not unload" '! rmmod saker 2> /dev/null'
kill -9 $hanging
wait $hanging 2> /dev/null
check "after the consumer was killed in a wait, the module unloads" 'rmmod saker'

modprobe saker
kmod_fuzz 10
check "after nonsense the module unloads" 'rmmod saker'

: > /tmp/busy
for i in 1 2 3; do busy & done
times=0
for i in $(seq 50); do
  modprobe saker || break
  # Every fifth time with all hooks in place while it runs, and the consumer killed.
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
