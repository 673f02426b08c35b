# SPDX-License-Identifier: Apache-2.0
# kernels: 6.1
# vm: --cpus 1 --flags -DSAKER_TABLE_BITS=4 --file build/tests/kmod_faults
# A table of direct calls with space for eight: the other functions are hooked by kretprobes, and
# nothing hangs.
check() { if eval "$2"; then echo "ok - $1"; else echo "not ok - $1"; fi; }
number_of() { sed -n "s/^$1 //p" /tmp/how; }

modprobe saker || exit 1
timeout 400 kmod_faults all > /tmp/how
check "attaching ends" '[ -s /tmp/how ]'
check "eight direct calls ($(number_of direct))" '[ "$(number_of direct)" = 8 ]'
check "the others by kretprobes ($(number_of kretprobe))" '[ "$(number_of kretprobe)" -gt 30 ]'
check "none is left out" '[ "$(number_of none)" = 0 ]'
