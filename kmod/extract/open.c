// SPDX-License-Identifier: GPL-2.0-only
/* open, openat, openat2, creat: the name as asked, and the file that came of it. */
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/openat2.h>
#include <linux/uaccess.h>
#include "extract.h"
#include "slot.h"

struct how {
	int dirfd;
	unsigned int name_arg;
	u64 flags;
	u64 mode;
	u64 resolve;
};

static void open_enter(struct saker_call *call)
{
	saker_name_enter(call, 0, 0);
}

static void openat_enter(struct saker_call *call)
{
	saker_name_enter(call, 0, 1);
}

static void put_file(struct saker_out *out, int fd)
{
	const struct inode *inode;
	struct file *file;
	bool counted;
	u32 flags;

	file = saker_file_get(fd, &counted);
	if (unlikely(!file)) {
		saker_out_absent(out, SAKER_P_open_path, SAKER_BLOB_ABSENT);
		return;
	}
	inode = file_inode(file);
	saker_put_path(out, SAKER_P_open_path, &file->f_path);
	saker_out_u64(out, SAKER_P_open_dev, inode->i_sb->s_dev);
	saker_out_u64(out, SAKER_P_open_ino, inode->i_ino);
	saker_out_u64(out, SAKER_P_open_fdtype, saker_fd_type(file));
	flags = saker_overlay_layer(inode);
	if (file->f_mode & FMODE_CREATED)
		flags |= SAKER_FILE_CREATED;
	saker_out_u64(out, SAKER_P_open_fileflags, flags);
	saker_file_put(file, counted);
}

static void write_open(struct saker_call *call, const struct how *how, long ret)
{
	struct saker_out out;
	bool relative;

	if (!saker_out_begin(&out, SAKER_LANE_EVENT, call->hook->sys->event,
			     SAKER_P_open_fileflags + 1, 3 * PATH_MAX))
		return;
	saker_out_u64(&out, SAKER_P_open_fd, ret);
	saker_name_put(&out, SAKER_P_open_name, call, 0, how->name_arg);
	relative = saker_name_relative(call, 0);
	if (ret >= 0)
		put_file(&out, ret);
	else
		saker_out_absent(&out, SAKER_P_open_path, SAKER_BLOB_ABSENT);
	if (relative)
		saker_put_base(&out, SAKER_P_open_base, how->dirfd);
	else
		saker_out_absent(&out, SAKER_P_open_base, SAKER_BLOB_ABSENT);
	saker_out_u64(&out, SAKER_P_open_dirfd, how->dirfd);
	saker_out_u64(&out, SAKER_P_open_flags, how->flags);
	saker_out_u64(&out, SAKER_P_open_mode, how->mode);
	saker_out_u64(&out, SAKER_P_open_resolve, how->resolve);
	saker_out_end(&out, ret);
}

/* The kernel takes the mode only if it may create something. */
static u64 asked_mode(u64 flags, u64 mode)
{
	return flags & (O_CREAT | __O_TMPFILE) ? mode & S_IALLUGO : 0;
}

static void open_leave(struct saker_call *call, long ret)
{
	const struct how how = {
		.dirfd = AT_FDCWD,
		.name_arg = 0,
		.flags = (u32)saker_arg(call, 1),
		.mode = asked_mode(saker_arg(call, 1), saker_arg(call, 2)),
	};

	write_open(call, &how, ret);
}

static void openat_leave(struct saker_call *call, long ret)
{
	const struct how how = {
		.dirfd = saker_arg(call, 0),
		.name_arg = 1,
		.flags = (u32)saker_arg(call, 2),
		.mode = asked_mode(saker_arg(call, 2), saker_arg(call, 3)),
	};

	write_open(call, &how, ret);
}

static void creat_leave(struct saker_call *call, long ret)
{
	const struct how how = {
		.dirfd = AT_FDCWD,
		.name_arg = 0,
		.flags = O_CREAT | O_WRONLY | O_TRUNC,
		.mode = saker_arg(call, 1) & S_IALLUGO,
	};

	write_open(call, &how, ret);
}

static void openat2_leave(struct saker_call *call, long ret)
{
	struct open_how asked;
	struct how how = {
		.dirfd = saker_arg(call, 0),
		.name_arg = 1,
	};

	if (saker_arg(call, 3) >= sizeof(asked) &&
	    !copy_from_user_nofault(&asked, (const void __user *)saker_arg(call, 2), sizeof(asked))) {
		how.flags = asked.flags;
		how.mode = asked.mode;
		how.resolve = asked.resolve;
	}
	write_open(call, &how, ret);
}

const struct saker_syscall saker_open_calls[] = {
	{ "open", SAKER_EV_open, SAKER_CALL_MANY, SAKER_KEEP_NAME, open_enter, open_leave },
	{ "openat", SAKER_EV_openat, SAKER_CALL_MANY, SAKER_KEEP_NAME, openat_enter, openat_leave },
	{ "openat2", SAKER_EV_openat2, SAKER_CALL_MANY, SAKER_KEEP_NAME, openat_enter, openat2_leave },
	{ "creat", SAKER_EV_creat, SAKER_CALL_MANY, SAKER_KEEP_NAME, open_enter, creat_leave },
	{}
};
