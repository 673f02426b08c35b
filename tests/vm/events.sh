# SPDX-License-Identifier: Apache-2.0
# kernels: 6.1 6.12 5.10 debug
# vm: --file build/tests/events:/usr/bin/events
# Makes the system call of every event, and checks every parameter of its record.
modprobe saker || exit 1
events > /tmp/log
status=$?
grep '^FAILED' /tmp/log | sed 's/^FAILED /not ok - /'
grep '^SKIP' /tmp/log | sed 's/^SKIP \([^:]*\): \(.*\)/ok - \1 # SKIP \2/'
[ $status = 0 ] && echo "ok - events: $(tail -n 1 /tmp/log)"
exit $status
