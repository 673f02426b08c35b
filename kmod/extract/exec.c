// SPDX-License-Identifier: GPL-2.0-only
/*
 * A program was started. Its image is in place: the record is read from the new address space and
 * the file that runs. exec_failed.c has the calls that start none.
 */
#include <linux/binfmts.h>
#include <linux/cred.h>
#include <linux/fs_struct.h>
#include <linux/lockdep.h>
#include <linux/sched/signal.h>
#include <linux/tty.h>
#include <linux/uaccess.h>
#include "extract.h"
#include "task.h"

#define ARGS_MAX 4096u		/* of the environment; of the arguments: what always fits */
#define EXEC_PATHS 6u		/* filename, exepath, cwd, root, cgroup; comm needs less */
#define EXEC_ROOM (2 * ARGS_MAX + EXEC_PATHS * PATH_MAX)

/*
 * Strings of the new stack. Its pages have just been written; one that is gone again is not read.
 */
static void put_strings(struct saker_out *out, unsigned int slot, unsigned long from,
			unsigned long to, u32 most)
{
	unsigned long total = to > from ? to - from : 0;
	u32 len = min_t(unsigned long, total, most);
	u8 *at = saker_out_claim(out, len);
	u16 flags = len < total ? SAKER_BLOB_TRUNCATED : 0;
	unsigned long left;

	if (!at) {
		saker_out_absent(out, slot, SAKER_BLOB_TRUNCATED);
		return;
	}
	pagefault_disable();
	left = __copy_from_user_inatomic(at, (const void __user *)from, len);
	pagefault_enable();
	if (left)
		flags |= SAKER_BLOB_UNREADABLE;
	saker_out_commit(out, slot, len - left, flags);
}

/*
 * The record's room for values. Arguments of any length are recorded as far as a record can hold
 * them while the ring is at least half empty: the caller chooses how long they are, and may fill
 * the rest with nothing that hides the next programs.
 */
static u32 room_for(const struct mm_struct *mm)
{
	if (likely(mm->arg_end - mm->arg_start <= ARGS_MAX))
		return EXEC_ROOM;
	return max(EXEC_ROOM, saker_life_spare());
}

/* Last: whatever the other values leave of a larger room is for the arguments. */
static void put_args(struct saker_out *out, const struct mm_struct *mm, u32 room)
{
	put_strings(out, SAKER_P_exec_env, mm->env_start, mm->env_end, ARGS_MAX);
	put_strings(out, SAKER_P_exec_args, mm->arg_start, mm->arg_end,
		    room > EXEC_ROOM ? saker_out_avail(out) : ARGS_MAX);
	saker_out_u64(out, SAKER_P_exec_args_len, mm->arg_end - mm->arg_start);
	saker_out_u64(out, SAKER_P_exec_env_len, mm->env_end - mm->env_start);
}

/* By owner, group or mode, as inode_permission() decides, but without calling the LSMs. */
static bool may_write(const struct inode *inode)
{
	const struct cred *cred = current_cred();

	if (uid_eq(cred->fsuid, inode->i_uid))
		return true;
	if ((cap_raised(cred->cap_effective, CAP_FOWNER) ||
	     cap_raised(cred->cap_effective, CAP_DAC_OVERRIDE)) &&
	    kuid_has_mapping(cred->user_ns, inode->i_uid) &&
	    kgid_has_mapping(cred->user_ns, inode->i_gid))
		return true;
	if (in_group_p(inode->i_gid))
		return inode->i_mode & S_IWGRP;
	return inode->i_mode & S_IWOTH;
}

static void put_exe(struct saker_out *out, const struct file *file)
{
	const struct inode *inode = file_inode(file);
	u32 layer = saker_overlay_layer(inode);
	u64 flags = 0;

	if (may_write(inode))
		flags |= SAKER_EXE_WRITABLE;
	if (layer & SAKER_FILE_UPPER)
		flags |= SAKER_EXE_UPPER;
	if (layer & SAKER_FILE_LOWER)
		flags |= SAKER_EXE_LOWER;
	if (saker_is_memfd(file->f_path.dentry))
		flags |= SAKER_EXE_MEMFD;
	saker_put_path(out, SAKER_P_exec_exepath, &file->f_path);
	saker_out_u64(out, SAKER_P_exec_exe_flags, flags);
	saker_out_u64(out, SAKER_P_exec_exe_ino, inode->i_ino);
	saker_out_u64(out, SAKER_P_exec_exe_dev, inode->i_sb->s_dev);
	saker_out_u64(out, SAKER_P_exec_exe_ctime, saker_inode_ctime_ns(inode));
	saker_out_u64(out, SAKER_P_exec_exe_mtime, saker_inode_mtime_ns(inode));
}

/* Most programs have no terminal: then its lock is not needed. One that comes now comes later. */
static u64 tty_of(struct task_struct *task)
{
	struct tty_struct *tty = READ_ONCE(task->signal->tty) ? get_current_tty() : NULL;
	u64 dev = tty ? new_encode_dev(tty_devnum(tty)) : 0;

	tty_kref_put(tty);
	return dev;
}

/* @task is current, so its own numbers are those of its pid namespace. */
static void put_ids(struct saker_out *out, struct task_struct *task)
{
	struct pid_namespace *ns = task_active_pid_ns(task);
	struct pid *group;

	rcu_read_lock();
	group = task_pgrp(task);
	saker_out_u64(out, SAKER_P_exec_ppid, rcu_dereference(task->real_parent)->tgid);
	saker_out_u64(out, SAKER_P_exec_vpid, pid_nr_ns(task_tgid(task), ns));
	saker_out_u64(out, SAKER_P_exec_pgid, pid_nr(group));
	saker_out_u64(out, SAKER_P_exec_vpgid, pid_nr_ns(group, ns));
	saker_out_u64(out, SAKER_P_exec_sid, pid_nr(task_session(task)));
	rcu_read_unlock();
	saker_out_u64(out, SAKER_P_exec_tty, tty_of(task));
	saker_out_u64(out, SAKER_P_exec_start_time, task->group_leader->start_boottime);
}

/* The initial user namespace maps each number to itself. */
static void put_identity(struct saker_out *out, const struct task_struct *task)
{
	const struct cred *cred = current_cred();

	saker_out_u64(out, SAKER_P_exec_loginuid, __kuid_val(saker_loginuid(task)));
	saker_out_u64(out, SAKER_P_exec_uid, __kuid_val(cred->uid));
	saker_out_u64(out, SAKER_P_exec_euid, __kuid_val(cred->euid));
	saker_out_u64(out, SAKER_P_exec_gid, __kgid_val(cred->gid));
	saker_out_u64(out, SAKER_P_exec_egid, __kgid_val(cred->egid));
	saker_out_u64(out, SAKER_P_exec_cap_inheritable, saker_caps(cred->cap_inheritable));
	saker_out_u64(out, SAKER_P_exec_cap_permitted, saker_caps(cred->cap_permitted));
	saker_out_u64(out, SAKER_P_exec_cap_effective, saker_caps(cred->cap_effective));
}

static void put_namespaces(struct saker_out *out, struct task_struct *task)
{
	const struct nsproxy *proxy = task->nsproxy;

	saker_out_u64(out, SAKER_P_exec_ns_mnt, saker_ns_mnt(proxy));
	saker_out_u64(out, SAKER_P_exec_ns_pid, saker_ns_pid(task));
	saker_out_u64(out, SAKER_P_exec_ns_net, proxy->net_ns->ns.inum);
	saker_out_u64(out, SAKER_P_exec_ns_user, saker_ns_user(task));
	saker_out_u64(out, SAKER_P_exec_ns_uts, proxy->uts_ns->ns.inum);
	saker_out_u64(out, SAKER_P_exec_ns_ipc, proxy->ipc_ns->ns.inum);
	saker_out_u64(out, SAKER_P_exec_ns_cgroup, proxy->cgroup_ns->ns.inum);
}

void saker_put_caller(struct saker_out *out, struct task_struct *task)
{
	saker_out_blob(out, SAKER_P_exec_comm, task->comm, strnlen(task->comm, TASK_COMM_LEN), 0);
	saker_put_cwd(out, SAKER_P_exec_cwd);
	saker_put_root(out, SAKER_P_exec_root);
	saker_put_cgroup(out, task);
	put_ids(out, task);
	put_identity(out, task);
	put_namespaces(out, task);
}

void saker_write_exec(struct task_struct *task, struct linux_binprm *bprm)
{
	const struct mm_struct *mm = task->mm;
	struct saker_out out;
	u16 type = bprm->fdpath ? SAKER_EV_execveat : SAKER_EV_execve;
	u32 room;

	lockdep_assert_preemption_disabled();
	room = room_for(mm);
	if (!saker_out_begin(&out, SAKER_LANE_LIFE, type, SAKER_P_exec_root + 1, room))
		return;
	saker_out_blob(&out, SAKER_P_exec_filename, bprm->filename, strlen(bprm->filename), 0);
	put_exe(&out, bprm->file);
	saker_put_caller(&out, task);
	put_args(&out, mm, room);
	saker_out_end(&out, 0);
}

#define CALL(_name)								\
	{ #_name, SAKER_EV_##_name, SAKER_CALL_FAILS | SAKER_CALL_COMPAT | SAKER_CALL_X32, \
	  SAKER_KEEP_NONE, saker_exec_enter, saker_exec_leave }

const struct saker_syscall saker_exec_calls[] = {
	CALL(execve),
	CALL(execveat),
	{}
};
