# SPDX-License-Identifier: Apache-2.0
# kernels: 6.1
# vm: --cpus 1 --module tests/kmod/faults
# vm: --file build/tests/kmod_faults --file build/tests/kmod_wait
# Faults that do not happen by themselves: a task that dies in the middle of a record, a direct call
# that cannot be attached, and one that cannot be detached. In the last case the module stays
# loaded, and the kernel continues.
check() { if eval "$2"; then echo "ok - $1"; else echo "not ok - $1"; fi; }
of_openat() { sed -n "s/^$1 //p" /tmp/how; }

modprobe saker || exit 1
modprobe faults die_in=d_absolute_path || exit 1
kmod_faults die /sys/module/faults/parameters/die_pid
check "and it unloads" 'rmmod saker'
rmmod faults

modprobe saker
modprobe faults error_in=register_ftrace_direct errors=1
kmod_faults mechanism > /tmp/how
check "a direct call that is refused becomes a kretprobe ($(of_openat mechanism))" \
  '[ "$(of_openat mechanism)" = kretprobe ]'
check "with records" '[ "$(of_openat records)" = 10 ]'
rmmod faults
kmod_faults mechanism > /tmp/how
check "and the next time a direct call" '[ "$(of_openat mechanism)" = direct ]'

# From here on the module cannot be unloaded.
: > /run/saker-stays
mkfifo /tmp/fifo
: > /tmp/ended
(echo through > /tmp/fifo && echo ended >> /tmp/ended) &
modprobe faults error_in=unregister_ftrace_direct errors=0
: > /tmp/hang
kmod_wait hang > /tmp/hang &
hanging=$!
for j in $(seq 100); do grep -q hanging /tmp/hang && break; sleep 0.1; done
(echo through > /tmp/fifo && echo ended >> /tmp/ended) &
sleep 0.5
echo 1 > /sys/module/faults/parameters/errors
kill -9 $hanging
wait $hanging 2> /dev/null
check "a hook cannot be detached" '[ "$(cat /sys/module/faults/parameters/errors)" = 0 ]'
check "the kernel log says that the module stays" \
  'dmesg | grep -q "saker: .*cannot be detached (-19); the module stays"'
check "the module does not unload" '! rmmod saker 2> /dev/null'
exec 5<> /tmp/fifo
sleep 1
for i in 1 2 3 4 5 6 7 8 9 10; do cat /etc/passwd > /dev/null; done
sleep 0.5
exec 5<&-
check "calls continue, also those blocked in it" '[ "$(wc -l < /tmp/ended)" = 2 ]'
kmod_faults mechanism > /tmp/how
check "the hook that is stuck is replaced ($(of_openat mechanism))" \
  '[ "$(of_openat mechanism)" = kretprobe ]'
check "with records, each once" '[ "$(of_openat records)" = 10 ]'
check "it still does not unload" '! rmmod saker 2> /dev/null'
