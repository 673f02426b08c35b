// SPDX-License-Identifier: GPL-2.0-only
/* Calls of which only the name is reported. */
#include <asm/unistd.h>
#include "extract.h"

static void generic_leave(struct saker_call *call, long ret)
{
	const u16 *nr = call->sys->args;
	struct saker_out out;

	if (!saker_out_begin(&out, SAKER_LANE_EVENT, call->sys->event, SAKER_P_generic_nr + 1, 0))
		return;
	saker_out_u64(&out, SAKER_P_generic_nr, *nr);
	saker_out_end(&out, ret);
}

/* @_symbol: the function of another form of the call. */
#define FORM(_symbol, _name, _flags)						\
	{ .name = _symbol, .event = SAKER_EV_##_name, .flags = _flags,		\
	  .keep = SAKER_KEEP_NONE, .leave = generic_leave,			\
	  .args = &(const u16){ __NR_##_name } }
#define CALL(_name) FORM(#_name, _name, 0)
#define COMPAT(_name) FORM(#_name, _name, SAKER_CALL_COMPAT)
/* Its 32-bit form, with times, ids or offsets of fewer bits, has a name of its own. */
#define OLD(_symbol, _name) FORM(_symbol, _name, SAKER_CALL_ONLY_32)

const struct saker_syscall saker_generic_calls[] = {
	CALL(acct),
	CALL(add_key),
	CALL(adjtimex),
	OLD("adjtimex_time32", adjtimex),
	CALL(clock_adjtime),
	OLD("clock_adjtime32", clock_adjtime),
	CALL(clock_settime),
	OLD("clock_settime32", clock_settime),
	CALL(fanotify_init),
	COMPAT(fanotify_mark),
	CALL(fsmount),
	CALL(fsopen),
	CALL(fspick),
	CALL(inotify_add_watch),
	CALL(ioperm),
	CALL(iopl),
	CALL(ioprio_set),
	CALL(kcmp),
	CALL(kexec_file_load),
	COMPAT(kexec_load),
	CALL(setxattr),
	CALL(lsetxattr),
	CALL(fsetxattr),
	CALL(removexattr),
	CALL(lremovexattr),
	CALL(fremovexattr),
	CALL(modify_ldt),
	CALL(move_mount),
	CALL(name_to_handle_at),
	CALL(open_tree),
	CALL(perf_event_open),
	CALL(personality),
	CALL(pidfd_send_signal),
	CALL(pivot_root),
	CALL(process_madvise),
	CALL(reboot),
	CALL(request_key),
	COMPAT(rt_sigqueueinfo),
	COMPAT(rt_tgsigqueueinfo),
	COMPAT(sched_setaffinity),
	CALL(sched_setattr),
	CALL(sched_setparam),
	CALL(sched_setscheduler),
	CALL(setdomainname),
	CALL(setfsgid),
	OLD("setfsgid16", setfsgid),
	CALL(setfsuid),
	OLD("setfsuid16", setfsuid),
	CALL(setgroups),
	OLD("setgroups16", setgroups),
	CALL(sethostname),
	CALL(setpriority),
	COMPAT(settimeofday),
	CALL(swapoff),
	CALL(swapon),
	CALL(syslog),
	COMPAT(truncate),
	OLD("ia32_truncate64", truncate),
	COMPAT(ftruncate),
	OLD("ia32_ftruncate64", ftruncate),
	CALL(utime),
	OLD("utime32", utime),
	CALL(utimes),
	OLD("utimes_time32", utimes),
	CALL(utimensat),
	OLD("utimensat_time32", utimensat),
	CALL(futimesat),
	OLD("futimesat_time32", futimesat),
	CALL(umask),
	CALL(vhangup),
	{}
};
