# SPDX-License-Identifier: Apache-2.0
# kernels: 6.1
# vm: --append preempt=voluntary --module tests/kmod/faults
# vm: --file build/tests/events:/usr/bin/events
# No function that may sleep is called while a record is written: with this setting, each such place
# in the kernel is a call, which is watched while every event's system call is made.
modprobe faults guard=1 || exit 1
modprobe saker || exit 1
events > /tmp/log
status=$?
grep '^FAILED' /tmp/log | sed 's/^FAILED /not ok - /'
looked=$(cat /sys/module/faults/parameters/guarded)
check "the guard looked ($looked times)" '[ "$looked" -gt 1000 ]'
[ $status = 0 ] && echo "ok - events: $(tail -n 1 /tmp/log)"
exit $status
