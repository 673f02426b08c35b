// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls whose arguments say all: numbers, at most one name. Of a call that sets a process's root,
 * working directory, group or session that is reported as it is afterwards.
 */
#include <linux/fs_struct.h>
#include <linux/prctl.h>
#include "extract.h"
#include "task.h"

#define NO (-1)

/*
 * struct shape - what the arguments of a call are
 * @numbers:	so many are reported
 * @ints:	by argument: it is an int
 * @name:	the argument that is a name, NO: none
 */
struct shape {
	u8 numbers;
	u8 ints;
	s8 name;
};

static void begin_name(struct saker_call *call)
{
	const struct shape *shape = call->sys->args;

	saker_name_enter(call, 0, shape->name);
}

static void put_numbers(struct saker_out *out, const struct saker_call *call)
{
	const struct shape *shape = call->sys->args;
	unsigned int n;

	for (n = 0; n < shape->numbers; n++) {
		unsigned long value = saker_arg(call, n);

		saker_out_u64(out, SAKER_P_simple_arg0 + n,
			      shape->ints & BIT(n) ? (long)(int)value : value);
	}
	saker_out_u64(out, SAKER_P_simple_fd, -1);
}

/* What the call has not is absent; the caller writes what it has. */
static void put_common(struct saker_out *out, const struct saker_call *call)
{
	put_numbers(out, call);
	saker_out_absent(out, SAKER_P_simple_name, SAKER_BLOB_ABSENT);
	saker_out_absent(out, SAKER_P_simple_base, SAKER_BLOB_ABSENT);
	saker_out_absent(out, SAKER_P_simple_path, SAKER_BLOB_ABSENT);
	saker_out_absent(out, SAKER_P_simple_cwd, SAKER_BLOB_ABSENT);
}

static bool begin(struct saker_out *out, struct saker_call *call, u32 room)
{
	if (!saker_out_begin(out, SAKER_LANE_EVENT, call->sys->event, SAKER_P_simple_cwd + 1,
			     room))
		return false;
	put_common(out, call);
	return true;
}

/* Of a call that changes the process if it succeeds. */
static bool begin_change(struct saker_out *out, struct saker_call *call, u32 room, long ret)
{
	if (!saker_begin_free_change(out, call->sys->event, SAKER_P_simple_cwd + 1, room, ret >= 0))
		return false;
	put_common(out, call);
	return true;
}

static void numbers_leave(struct saker_call *call, long ret)
{
	struct saker_out out;

	if (!begin(&out, call, 0))
		return;
	saker_out_end(&out, ret);
}

static void name_leave(struct saker_call *call, long ret)
{
	const struct shape *shape = call->sys->args;
	struct saker_out out;

	if (!begin(&out, call, PATH_MAX))
		return;
	saker_name_put(&out, SAKER_P_simple_name, call, 0, shape->name);
	saker_out_end(&out, ret);
}

/* Only PR_SET_NAME has a name; the second argument of the others is a number. */
static void prctl_enter(struct saker_call *call)
{
	if ((int)saker_arg(call, 0) == PR_SET_NAME)
		saker_name_enter(call, 0, 1);
}

static void prctl_leave(struct saker_call *call, long ret)
{
	struct saker_out out;

	if (!begin(&out, call, PATH_MAX))
		return;
	if ((int)saker_arg(call, 0) == PR_SET_NAME)
		saker_name_put(&out, SAKER_P_simple_name, call, 0, 1);
	saker_out_end(&out, ret);
}

/* What the caller has now; another thread that shares its directories may have changed them. */
static void put_directory(struct saker_out *out, bool root)
{
	struct fs_struct *fs = current->fs;

	spin_lock(&fs->lock);
	saker_put_path(out, SAKER_P_simple_path, root ? &fs->root : &fs->pwd);
	spin_unlock(&fs->lock);
}

static void chroot_leave(struct saker_call *call, long ret)
{
	struct saker_out out;

	if (!begin(&out, call, 3 * PATH_MAX))
		return;
	saker_name_put(&out, SAKER_P_simple_name, call, 0, 0);
	saker_put_base(&out, SAKER_P_simple_base, call, 0, AT_FDCWD);
	if (ret >= 0)
		put_directory(&out, true);
	saker_out_end(&out, ret);
}

static void chdir_leave(struct saker_call *call, long ret)
{
	struct saker_out out;

	if (!begin_change(&out, call, 3 * PATH_MAX, ret))
		return;
	saker_name_put(&out, SAKER_P_simple_name, call, 0, 0);
	if (ret >= 0) {
		put_directory(&out, false);
		saker_put_cwd(&out, SAKER_P_simple_cwd);
	} else {
		/* After a success the directory where a relative name began is gone. */
		saker_put_base(&out, SAKER_P_simple_base, call, 0, AT_FDCWD);
	}
	saker_out_end(&out, ret);
}

static void fchdir_leave(struct saker_call *call, long ret)
{
	struct saker_out out;

	if (!begin_change(&out, call, 2 * PATH_MAX, ret))
		return;
	if (ret >= 0) {
		put_directory(&out, false);
		saker_put_cwd(&out, SAKER_P_simple_cwd);
	}
	saker_out_u64(&out, SAKER_P_simple_fd, (int)saker_arg(call, 0));
	saker_out_end(&out, ret);
}

/* The process whose group was set, and its group now. It may be gone again. */
static void put_group(struct saker_out *out, struct task_struct *task)
{
	struct pid_namespace *ns = task ? task_active_pid_ns(task) : NULL;
	struct pid *group = task ? task_pgrp(task) : NULL;

	if (!ns || !group)
		return;
	saker_out_u64(out, SAKER_P_simple_arg2, task->tgid);
	saker_out_u64(out, SAKER_P_simple_arg3, pid_nr(group));
	saker_out_u64(out, SAKER_P_simple_arg4, pid_nr_ns(group, ns));
}

static void setpgid_leave(struct saker_call *call, long ret)
{
	const int vpid = saker_arg(call, 0);
	struct saker_out out;

	if (!begin_change(&out, call, 0, ret))
		return;
	if (ret >= 0) {
		rcu_read_lock();
		put_group(&out, vpid ? pid_task(find_vpid(vpid), PIDTYPE_PID) : current);
		rcu_read_unlock();
	}
	saker_out_end(&out, ret);
}

static void setsid_leave(struct saker_call *call, long ret)
{
	struct saker_out out;

	if (!begin_change(&out, call, 0, ret))
		return;
	if (ret >= 0) {
		rcu_read_lock();
		saker_out_u64(&out, SAKER_P_simple_arg0, pid_nr(task_session(current)));
		put_group(&out, current);
		rcu_read_unlock();
	}
	saker_out_end(&out, ret);
}

static void capset_leave(struct saker_call *call, long ret)
{
	struct saker_out out;
	struct saker_ids ids;

	saker_ids_read(&ids);
	if (!saker_begin_change(&out, SAKER_EV_capset, SAKER_P_simple_cwd + 1,
				memcmp(&ids, &call->ids, sizeof(ids))))
		return;
	put_common(&out, call);
	saker_out_u64(&out, SAKER_P_simple_arg0, ids.inheritable);
	saker_out_u64(&out, SAKER_P_simple_arg1, ids.permitted);
	saker_out_u64(&out, SAKER_P_simple_arg2, ids.effective);
	saker_out_end(&out, ret);
}

static void put_made(struct saker_out *out, int fd)
{
	struct file *file;
	bool counted;

	saker_out_u64(out, SAKER_P_simple_fd, fd);
	file = fd < 0 ? NULL : saker_file_get(fd, &counted);
	if (!file)
		return;
	saker_out_u64(out, SAKER_P_simple_fdtype, saker_fd_type(file));
	saker_file_put(file, counted);
}

static void made_leave(struct saker_call *call, long ret)
{
	struct saker_out out;

	if (!begin(&out, call, 0))
		return;
	put_made(&out, ret);
	saker_out_end(&out, ret);
}

#define CALL(_name, _keep, _enter, _leave, ...)					\
	{ .name = #_name, .event = SAKER_EV_##_name, .keep = SAKER_KEEP_##_keep, \
	  .enter = _enter, .leave = _leave, .args = &(const struct shape){ __VA_ARGS__ } }

const struct saker_syscall saker_simple_calls[] = {
	CALL(kill, NONE, NULL, numbers_leave, 2, BIT(0) | BIT(1), NO),
	CALL(tkill, NONE, NULL, numbers_leave, 2, BIT(0) | BIT(1), NO),
	CALL(tgkill, NONE, NULL, numbers_leave, 3, BIT(0) | BIT(1) | BIT(2), NO),
	CALL(chdir, NAME, begin_name, chdir_leave, 0, 0, 0),
	CALL(fchdir, NONE, NULL, fchdir_leave, 1, BIT(0), NO),
	CALL(chroot, NAME, begin_name, chroot_leave, 0, 0, 0),
	CALL(setsid, NONE, NULL, setsid_leave, 0, 0, NO),
	CALL(setpgid, NONE, NULL, setpgid_leave, 2, BIT(0) | BIT(1), NO),
	CALL(prctl, NAME, prctl_enter, prctl_leave, 5, BIT(0), NO),
	CALL(capset, IDS, saker_ids_enter, capset_leave, 0, 0, NO),
	CALL(seccomp, NONE, NULL, numbers_leave, 2, 0, NO),
	CALL(delete_module, NAME, begin_name, name_leave, 2, 0, 0),
	CALL(pidfd_open, NONE, NULL, made_leave, 2, BIT(0), NO),
	CALL(pidfd_getfd, NONE, NULL, made_leave, 3, BIT(0) | BIT(1), NO),
	CALL(process_vm_readv, NONE, NULL, numbers_leave, 1, BIT(0), NO),
	CALL(process_vm_writev, NONE, NULL, numbers_leave, 1, BIT(0), NO),
	{}
};
