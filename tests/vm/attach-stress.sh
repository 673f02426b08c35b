# SPDX-License-Identifier: Apache-2.0
# kernels: 6.1
# vm: --file build/tests/events:/usr/bin/events --cpus 3 --append preempt=full --timeout 900
# Attaches and detaches 20 times while all kinds of calls run and two tasks are blocked in open and
# accept, on three CPUs whose tasks can be preempted anywhere, also inside a hook; then the module
# must unload at once.
modprobe saker || exit 1
ROUNDS=20 events stress > /tmp/log
status=$?
grep '^FAILED' /tmp/log | sed 's/^FAILED /not ok - /'
grep '^#' /tmp/log
[ $status = 0 ] && echo "ok - attach and detach: $(tail -n 1 /tmp/log)"
exit $status
