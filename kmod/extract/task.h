/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Facts about a task that several records carry. The caller holds preemption off; the task is
 * current or cannot go away.
 */
#ifndef SAKER_TASK_H
#define SAKER_TASK_H

#include <linux/cgroup.h>
#include <linux/ipc_namespace.h>
#include <linux/nsproxy.h>
#include <linux/pid_namespace.h>
#include <linux/sched.h>
#include <linux/user_namespace.h>
#include <linux/utsname.h>
#include <net/net_namespace.h>
#include "../compat/task.h"

static inline u32 saker_ns_user(const struct task_struct *task)
{
	return rcu_dereference_protected(task->real_cred, 1)->user_ns->ns.inum;
}

static inline u32 saker_ns_pid(struct task_struct *task)
{
	const struct pid_namespace *ns = task_active_pid_ns(task);

	return ns ? ns->ns.inum : 0;
}

/* The unified hierarchy's cgroup. */
static inline struct cgroup *saker_cgroup(struct task_struct *task)
{
	return task_dfl_cgroup(task);
}

#endif
