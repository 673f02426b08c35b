// SPDX-License-Identifier: GPL-2.0-only
/* rename, link, symlink and their *at forms: two names. */
#include <linux/fcntl.h>
#include "extract.h"

#define NO (-1)

/* Which argument is what; NO: the call has none. The old name of a symlink is only text. */
struct where {
	s8 olddirfd;
	s8 oldname;
	s8 newdirfd;
	s8 newname;
	s8 flags;
	bool text;
};

static void name2_enter(struct saker_call *call)
{
	const struct where *where = call->sys->args;

	saker_slot_take(call);
	saker_name_enter(call, 0, where->oldname);
	saker_name_enter(call, 1, where->newname);
}

static int dirfd_arg(const struct saker_call *call, s8 arg)
{
	return arg == NO ? AT_FDCWD : saker_arg(call, arg);
}

static void name2_leave(struct saker_call *call, long ret)
{
	const struct where *where = call->sys->args;
	int olddirfd = dirfd_arg(call, where->olddirfd);
	int newdirfd = dirfd_arg(call, where->newdirfd);
	struct saker_out out;

	if (!saker_out_begin(&out, SAKER_LANE_EVENT, call->sys->event, SAKER_P_path2_flags + 1,
			     6 * PATH_MAX))
		return;
	saker_name_put(&out, SAKER_P_path2_oldname, call, 0, where->oldname);
	if (where->text)
		saker_out_absent(&out, SAKER_P_path2_oldbase, SAKER_BLOB_ABSENT);
	else
		saker_put_base(&out, SAKER_P_path2_oldbase, call, 0, olddirfd);
	saker_name_put(&out, SAKER_P_path2_newname, call, 1, where->newname);
	saker_put_base(&out, SAKER_P_path2_newbase, call, 1, newdirfd);
	if (where->text)
		saker_out_absent(&out, SAKER_P_path2_oldpath, SAKER_BLOB_ABSENT);
	else
		saker_put_seen(&out, SAKER_P_path2_oldpath, call, 0);
	saker_put_seen(&out, SAKER_P_path2_newpath, call, 1);
	saker_out_u64(&out, SAKER_P_path2_olddirfd, olddirfd);
	saker_out_u64(&out, SAKER_P_path2_newdirfd, newdirfd);
	saker_out_u64(&out, SAKER_P_path2_flags,
		      where->flags == NO ? 0 : (u32)saker_arg(call, where->flags));
	saker_out_end(&out, ret);
}

#define CALL(_name, _event, ...)						\
	{ .name = _name, .event = SAKER_EV_##_event, .flags = SAKER_CALL_SLOT,	\
	  .keep = SAKER_KEEP_NAME, .enter = name2_enter, .leave = name2_leave,	\
	  .args = &(const struct where){ __VA_ARGS__ } }

/*					olddirfd oldname newdirfd newname flags */
const struct saker_syscall saker_path2_calls[] = {
	CALL("rename", rename,			NO, 0, NO, 1, NO),
	CALL("renameat", renameat,		0, 1, 2, 3, NO),
	CALL("renameat2", renameat2,		0, 1, 2, 3, 4),
	CALL("symlink", symlink,		NO, 0, NO, 1, NO, .text = true),
	CALL("symlinkat", symlinkat,		NO, 0, 1, 2, NO, .text = true),
	CALL("link", link,			NO, 0, NO, 1, NO),
	CALL("linkat", linkat,			0, 1, 2, 3, 4),
	{}
};
