# SPDX-License-Identifier: Apache-2.0
# kernels: 6.1 6.12 5.10
# vm: --file build/tests/kmod_device --file build/tests/kmod_rings
# vm: --file build/tests/kmod_wait --file build/tests/kmod_fuzz
# The module's rings, device and waiting, from the consumer's side.
. ./lib.sh

check "the module loads" 'modprobe saker'
kmod_device
# A daemon under a service manager is in a control group, and its mappings are charged to it.
mkdir /sys/fs/cgroup/kmod
(sh -c 'echo $PPID' > /sys/fs/cgroup/kmod/cgroup.procs; kmod_device > /tmp/grouped)
check "the same in a memory cgroup" 'grep -q "^[0-9]* passed, 0 failed" /tmp/grouped'
grep "^not ok" /tmp/grouped
kmod_rings
kmod_wait

: > /tmp/hang
kmod_wait hang > /tmp/hang &
hanging=$!
await "grep -q hanging /tmp/hang"
check "a loaded module in use does not unload" '! rmmod saker 2> /dev/null'
kill -9 $hanging
wait $hanging 2> /dev/null
check "after the consumer was killed in a wait, the module unloads" \
  'await "rmmod saker 2> /dev/null"'

modprobe saker
kmod_fuzz 10
# io_uring may let go of the device a moment later.
check "after nonsense the module unloads" 'await "rmmod saker 2> /dev/null"'
