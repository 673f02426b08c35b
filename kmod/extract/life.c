// SPDX-License-Identifier: GPL-2.0-only
/* The birth and the end of processes. */
#include <linux/compat.h>
#include <linux/lockdep.h>
#include <linux/sched/signal.h>
#include <asm/syscall.h>
#include <asm/unistd.h>
#ifdef CONFIG_IA32_EMULATION
#include <asm/unistd_32_ia32.h>
#endif
#include "extract.h"
#include "task.h"

struct made_by {
	u16 type;
	u64 flags;
};

#ifdef CONFIG_IA32_EMULATION
/* The same by the numbers of 32-bit programs. */
static struct made_by made_by_ia32(int nr, const struct pt_regs *regs)
{
	switch (nr) {
	case __NR_ia32_fork:
		return (struct made_by){ .type = SAKER_EV_fork };
	case __NR_ia32_vfork:
		return (struct made_by){ .type = SAKER_EV_vfork, .flags = CLONE_VM | CLONE_VFORK };
	case __NR_ia32_clone3:
		return (struct made_by){ .type = SAKER_EV_clone3 };
	case __NR_ia32_clone:
		return (struct made_by){ .type = SAKER_EV_clone, .flags = (u32)regs->bx };
	}
	return (struct made_by){ .type = SAKER_EV_clone };
}
#endif

/* By which call a process is being made; kernel threads that start user programs count as clone. */
static struct made_by made_by(struct task_struct *parent)
{
	struct pt_regs *regs = task_pt_regs(parent);
	struct made_by made = { .type = SAKER_EV_clone };
	int nr;

	if (parent->flags & PF_KTHREAD)
		return made;
	nr = syscall_get_nr(parent, regs);
#ifdef CONFIG_IA32_EMULATION
	if (in_ia32_syscall())
		return made_by_ia32(nr, regs);
#endif
#ifdef __X32_SYSCALL_BIT
	nr &= ~__X32_SYSCALL_BIT;
#endif
	switch (nr) {
#ifdef __NR_fork
	case __NR_fork:
		made.type = SAKER_EV_fork;
		break;
	case __NR_vfork:
		made.type = SAKER_EV_vfork;
		made.flags = CLONE_VM | CLONE_VFORK;
		break;
#endif
	case __NR_clone3:
		made.type = SAKER_EV_clone3;
		break;
	case __NR_clone:
		made.flags = (u32)saker_args_get(saker_native_args(regs), 0);
		break;
	}
	return made;
}

void saker_write_fork(struct task_struct *parent, struct task_struct *child)
{
	const struct made_by made = made_by(parent);
	const struct nsproxy *proxy = child->nsproxy;
	struct pid *pid = task_tgid(child);
	struct saker_out out;

	lockdep_assert_preemption_disabled();
	if (!saker_out_begin(&out, SAKER_LANE_LIFE, made.type, SAKER_P_fork_flags + 1, 64))
		return;
	saker_out_u64(&out, SAKER_P_fork_child_pid, child->tgid);
	saker_out_u64(&out, SAKER_P_fork_child_vpid, pid_nr_ns(pid, ns_of_pid(pid)));
	rcu_read_lock();
	saker_out_u64(&out, SAKER_P_fork_ppid, rcu_dereference(child->real_parent)->tgid);
	saker_out_u64(&out, SAKER_P_fork_cgroup_id, cgroup_id(saker_cgroup(child)));
	rcu_read_unlock();
	saker_out_u64(&out, SAKER_P_fork_start_time, child->start_boottime);
	saker_out_u64(&out, SAKER_P_fork_ns_pid, saker_ns_pid(child));
	saker_out_u64(&out, SAKER_P_fork_ns_mnt, saker_ns_mnt(proxy));
	saker_out_u64(&out, SAKER_P_fork_ns_net, proxy->net_ns->ns.inum);
	saker_out_u64(&out, SAKER_P_fork_ns_user, saker_ns_user(child));
	saker_out_blob(&out, SAKER_P_fork_comm, child->comm, strnlen(child->comm, TASK_COMM_LEN),
		       0);
	saker_out_u64(&out, SAKER_P_fork_flags, made.flags);
	saker_out_end(&out, pid_nr_ns(pid, task_active_pid_ns(parent)));
}

void saker_write_exit(struct task_struct *task)
{
	const struct task_struct *leader = task->group_leader;
	const struct signal_struct *signal = task->signal;
	struct saker_out out;

	lockdep_assert_preemption_disabled();
	if (!saker_out_begin(&out, SAKER_LANE_LIFE, SAKER_EV_procexit,
			     SAKER_P_exit_start_time + 1, 0))
		return;
	saker_out_u64(&out, SAKER_P_exit_status,
		      signal->flags & SIGNAL_GROUP_EXIT ? signal->group_exit_code :
							  leader->exit_code);
	saker_out_u64(&out, SAKER_P_exit_start_time, leader->start_boottime);
	saker_out_end(&out, 0);
}
