# SPDX-License-Identifier: Apache-2.0
# kernels: 6.1
# vm: --file build/tests/events:/usr/bin/events --cpus 1 --timeout 500
# Attaching and detaching 50 times while all kinds of calls run and two tasks are blocked in open and accept; then the module
# must unload at once. One CPU: under TCG with two, a stock kernel whose own kretprobes (tracefs) are switched on and off
# under load dies too, so there is nothing to learn of the module.
modprobe saker || exit 1
events stress > /tmp/log
status=$?
grep '^FAILED' /tmp/log | sed 's/^FAILED /not ok - /'
grep '^#' /tmp/log
[ $status = 0 ] && echo "ok - attach and detach: $(tail -n 1 /tmp/log)"
exit $status
