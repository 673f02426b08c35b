// SPDX-License-Identifier: GPL-2.0-only
#include <linux/pid.h>
#include "extract.h"

/* The process that the caller's number means; 0 if there is none. */
static u32 target(long nr)
{
	struct task_struct *task;
	u32 tgid = 0;

	if (nr <= 0)
		return 0;
	rcu_read_lock();
	task = pid_task(find_vpid(nr), PIDTYPE_PID);
	if (task)
		tgid = task->tgid;
	rcu_read_unlock();
	return tgid;
}

static void ptrace_leave(struct saker_call *call, long ret)
{
	struct saker_out out;

	if (!saker_out_begin(&out, SAKER_LANE_EVENT, call->sys->event, SAKER_P_ptrace_data + 1, 0))
		return;
	saker_out_u64(&out, SAKER_P_ptrace_request, saker_arg_long(call, 0));
	saker_out_u64(&out, SAKER_P_ptrace_pid, target(saker_arg_long(call, 1)));
	saker_out_u64(&out, SAKER_P_ptrace_vpid, saker_arg_long(call, 1));
	saker_out_u64(&out, SAKER_P_ptrace_addr, saker_arg(call, 2));
	saker_out_u64(&out, SAKER_P_ptrace_data, saker_arg(call, 3));
	saker_out_end(&out, ret);
}

const struct saker_syscall saker_ptrace_calls[] = {
	{ "ptrace", SAKER_EV_ptrace, SAKER_CALL_COMPAT | SAKER_CALL_X32, SAKER_KEEP_NONE,
	  NULL, ptrace_leave },
	{}
};
