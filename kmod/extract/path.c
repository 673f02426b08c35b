// SPDX-License-Identifier: GPL-2.0-only
/*
 * unlink, mkdir, mknod, rmdir, chmod, chown and their *at forms: one name, and the object that it
 * named.
 */
#include <linux/fcntl.h>
#include <linux/file.h>
#include <asm/unistd.h>
#include "extract.h"

#define NO (-1)

/* Which argument is what; NO: the call has none. */
struct where {
	s8 dirfd;
	s8 name;
	s8 mode;
	s8 flags;
	s8 uid;
	s8 gid;
	s8 fd;
};

static void name_enter(struct saker_call *call)
{
	const struct where *where = call->sys->args;

	saker_slot_take(call);
	if (where->name != NO)
		saker_name_enter(call, 0, where->name);
}

static void put_name(struct saker_out *out, struct saker_call *call, const struct where *where,
		     int dirfd)
{
	if (where->name == NO) {
		saker_out_absent(out, SAKER_P_path_name, SAKER_BLOB_ABSENT);
		saker_out_absent(out, SAKER_P_path_base, SAKER_BLOB_ABSENT);
		return;
	}
	saker_name_put(out, SAKER_P_path_name, call, 0, where->name);
	saker_put_base(out, SAKER_P_path_base, call, 0, dirfd);
}

/* A missing argument is 0, but a missing descriptor or owner is -1. */
static u64 arg_or(const struct saker_call *call, s8 arg, u64 none)
{
	return arg == NO ? none : saker_arg(call, arg);
}

/* Of mknod the kind of the file too. */
static u32 mode_bits(u16 event)
{
	const bool makes = event == SAKER_EV_mknod || event == SAKER_EV_mknodat;

	return makes ? S_IFMT | S_IALLUGO : S_IALLUGO;
}

static void name_leave(struct saker_call *call, long ret)
{
	const struct where *where = call->sys->args;
	int dirfd = arg_or(call, where->dirfd, AT_FDCWD);
	struct saker_out out;

	if (!saker_out_begin(&out, SAKER_LANE_EVENT, call->sys->event, SAKER_P_path_fd + 1,
			     3 * PATH_MAX))
		return;
	put_name(&out, call, where, dirfd);
	saker_put_seen(&out, SAKER_P_path_path, call, 0);
	saker_out_u64(&out, SAKER_P_path_dirfd, dirfd);
	saker_out_u64(&out, SAKER_P_path_mode,
		      arg_or(call, where->mode, 0) & mode_bits(call->sys->event));
	saker_out_u64(&out, SAKER_P_path_flags, (u32)arg_or(call, where->flags, 0));
	saker_out_u64(&out, SAKER_P_path_uid, (u32)arg_or(call, where->uid, -1));
	saker_out_u64(&out, SAKER_P_path_gid, (u32)arg_or(call, where->gid, -1));
	saker_out_u64(&out, SAKER_P_path_fd, (int)arg_or(call, where->fd, -1));
	saker_out_end(&out, ret);
}

#define CALL(_name, _event, ...)						\
	{ .name = _name, .event = SAKER_EV_##_event, .flags = SAKER_CALL_SLOT,	\
	  .keep = SAKER_KEEP_NAME, .enter = name_enter, .leave = name_leave,	\
	  .args = &(const struct where){ __VA_ARGS__ } }

/* Owner and group, the second and third argument, of 16 bits: 32-bit programs still have them. */
#define OLD(_name, _event, ...)							\
	{ .name = _name, .event = SAKER_EV_##_event,				\
	  .flags = SAKER_CALL_SLOT | SAKER_CALL_ONLY_32, .keep = SAKER_KEEP_NAME, \
	  .enter = name_enter, .leave = name_leave, .ids16 = BIT(1) | BIT(2),	\
	  .args = &(const struct where){ __VA_ARGS__ } }

/*						dirfd name mode flags uid gid fd */
const struct saker_syscall saker_path_calls[] = {
	CALL("unlink", unlink,			NO, 0, NO, NO, NO, NO, NO),
	CALL("unlinkat", unlinkat,		0, 1, NO, 2, NO, NO, NO),
	CALL("mkdir", mkdir,			NO, 0, 1, NO, NO, NO, NO),
	CALL("mkdirat", mkdirat,		0, 1, 2, NO, NO, NO, NO),
	CALL("mknod", mknod,			NO, 0, 1, NO, NO, NO, NO),
	CALL("mknodat", mknodat,		0, 1, 2, NO, NO, NO, NO),
	CALL("rmdir", rmdir,			NO, 0, NO, NO, NO, NO, NO),
	CALL("chmod", chmod,			NO, 0, 1, NO, NO, NO, NO),
	CALL("fchmod", fchmod,			NO, NO, 1, NO, NO, NO, 0),
	CALL("fchmodat", fchmodat,		0, 1, 2, NO, NO, NO, NO),
#ifdef __NR_fchmodat2		/* 09da082b07bb (6.6) */
	CALL("fchmodat2", fchmodat,		0, 1, 2, 3, NO, NO, NO),
#endif
	CALL("chown", chown,			NO, 0, NO, NO, 1, 2, NO),
	OLD("chown16", chown,			NO, 0, NO, NO, 1, 2, NO),
	CALL("lchown", lchown,			NO, 0, NO, NO, 1, 2, NO),
	OLD("lchown16", lchown,			NO, 0, NO, NO, 1, 2, NO),
	CALL("fchown", fchown,			NO, NO, NO, NO, 1, 2, 0),
	OLD("fchown16", fchown,			NO, NO, NO, NO, 1, 2, 0),
	CALL("fchownat", fchownat,		0, 1, NO, 4, 2, 3, NO),
	{}
};
