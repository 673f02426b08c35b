// SPDX-License-Identifier: GPL-2.0-only
/*
 * execve and execveat that start no program: what was asked for, and who asked. Read at the exit,
 * so that a call that succeeds costs little; nothing has run that another thread could hide by
 * rewriting the name.
 */
#include <linux/compat.h>
#include <linux/uaccess.h>
#include "extract.h"

#define ARGS_MAX 4096u
#define STRINGS_MAX 64u			/* of argv; preemption may be off while they are read */
static_assert(ARGS_MAX <= PATH_MAX && ARGS_MAX <= SAKER_SCRATCH);

#define PATHS 4u			/* filename, cwd, root, cgroup; comm needs less */

void saker_exec_enter(struct saker_call *call)
{
	call->mm = current->mm;
}

/*
 * A call that failed late has replaced the caller's memory, and the task dies of it: the pointers
 * mean nothing there.
 */
static bool is_readable(const struct saker_call *call)
{
	return call->mm == current->mm;
}

/* The name into @at, of PATH_MAX bytes. */
static struct saker_text read_filename(const struct saker_call *call, unsigned int arg, char *at)
{
	const char __user *from = (const char __user *)saker_arg(call, arg);
	long len = is_readable(call) ? saker_read_string(at, from, PATH_MAX) : -EFAULT;

	if (len < 0)
		return (struct saker_text){ .flags = SAKER_BLOB_UNREADABLE };
	return (struct saker_text){
		.at = at,
		.len = min_t(long, len, PATH_MAX - 1),
		.flags = len == PATH_MAX ? SAKER_BLOB_TRUNCATED : 0,
	};
}

/* Element @n of an array of pointers to strings, NULL after the last. */
static bool read_pointer(const struct saker_call *call, unsigned long array, unsigned int n,
			 const char __user **to)
{
#ifdef CONFIG_COMPAT
	if (saker_is_compat(call)) {
		compat_uptr_t pointer;

		if (copy_from_user_nofault(&pointer,
					   (const void __user *)(array + n * sizeof(pointer)),
					   sizeof(pointer)))
			return false;
		*to = compat_ptr(pointer);
		return true;
	}
#endif
	return !copy_from_user_nofault(to, (const void __user *)(array + n * sizeof(*to)),
				       sizeof(*to));
}

/* Copy the strings of argv, each closed by a NUL, to @at; sets *@len to their bytes. */
static u16 read_strings(const struct saker_call *call, unsigned long array, char *at, u32 *len)
{
	const char __user *from;
	unsigned int n;
	long got;

	for (n = 0; n < STRINGS_MAX; n++) {
		if (!read_pointer(call, array, n, &from))
			return SAKER_BLOB_UNREADABLE;
		if (!from)
			return 0;
		got = saker_read_string(at + *len, from, ARGS_MAX - *len);
		if (got < 0)
			return SAKER_BLOB_UNREADABLE;
		if (got == ARGS_MAX - *len) {
			*len = ARGS_MAX;
			return SAKER_BLOB_TRUNCATED;
		}
		*len += got + 1;
	}
	return SAKER_BLOB_TRUNCATED;
}

/* The strings of argv into @at, of ARGS_MAX bytes. */
static struct saker_text read_argv(const struct saker_call *call, unsigned int arg, char *at)
{
	const unsigned long array = saker_arg(call, arg);
	u16 flags = SAKER_BLOB_UNREADABLE;
	u32 len = 0;

	if (!array)
		return (struct saker_text){ .flags = SAKER_BLOB_ABSENT };
	if (is_readable(call))
		flags = read_strings(call, array, at, &len);
	return (struct saker_text){ .at = at, .len = len, .flags = flags };
}

static void put_text(struct saker_out *out, unsigned int slot, struct saker_text text)
{
	if (text.len || !text.flags)
		saker_out_blob(out, slot, text.at, text.len, text.flags);
	else
		saker_out_absent(out, slot, text.flags);
}

void saker_exec_leave(struct saker_call *call, long ret)
{
	const unsigned int first = call->sys->event == SAKER_EV_execveat ? 1 : 0;
	struct saker_text name, argv;
	struct saker_out out;

	if (likely(ret >= 0))
		return;
	/* Before the record, because preemption is off while it is written. */
	if (saker_slot_take(call)) {
		name = read_filename(call, first, call->slot->text[0]);
		argv = read_argv(call, first + 1, call->slot->text[1]);
	}
	if (!saker_out_begin(&out, SAKER_LANE_EVENT, call->sys->event, SAKER_P_exec_root + 1,
			     ARGS_MAX + PATHS * PATH_MAX + TASK_COMM_LEN))
		return;
	if (unlikely(!call->slot))
		name = read_filename(call, first, saker_out_scratch(&out));
	put_text(&out, SAKER_P_exec_filename, name);
	if (unlikely(!call->slot))
		argv = read_argv(call, first + 1, saker_out_scratch(&out));
	put_text(&out, SAKER_P_exec_args, argv);
	saker_out_absent(&out, SAKER_P_exec_exepath, SAKER_BLOB_ABSENT);
	saker_out_absent(&out, SAKER_P_exec_env, SAKER_BLOB_ABSENT);
	saker_put_caller(&out, current);
	saker_out_end(&out, ret);
}
