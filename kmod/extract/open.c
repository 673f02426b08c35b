// SPDX-License-Identifier: GPL-2.0-only
/* open, openat, openat2, creat, open_by_handle_at: the name as asked, and the opened file. */
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/openat2.h>
#include <linux/uaccess.h>
#include "extract.h"

struct how {
	int dirfd;
	unsigned int name_arg;
	u64 flags;
	u64 mode;
	u64 resolve;
	bool from_memory;	/* flags were read from user memory, which can be rewritten */
	bool unread;		/* they could not be read at all */
	bool nameless;		/* the call has no name */
};

static void open_enter(struct saker_call *call)
{
	saker_name_enter(call, 0, 0);
}

static void openat_enter(struct saker_call *call)
{
	saker_name_enter(call, 0, 1);
}

/*
 * The access that one or the other asks for. The kernel uses the same bits for both, and 3 for
 * neither.
 */
static u64 either_access(u64 one, u64 other)
{
	if ((one & O_ACCMODE) == (other & O_ACCMODE))
		return one & O_ACCMODE;
	if ((one & O_ACCMODE) == O_RDONLY)
		return other & O_ACCMODE;
	if ((other & O_ACCMODE) == O_RDONLY)
		return one & O_ACCMODE;
	return O_RDWR;
}

/*
 * Another thread may have rewritten the flags in user memory, and the descriptor may mean another
 * file by now. A file counts as open for writing if the flags or the file say so. Flags from
 * registers are what the kernel used.
 */
static u64 true_flags(const struct how *how, const struct file *file)
{
	if (!how->from_memory)
		return how->flags;
	if (how->unread)
		return file->f_flags;
	return (how->flags & ~(u64)O_ACCMODE) | either_access(how->flags, file->f_flags);
}

static void put_file(struct saker_out *out, int fd, const struct how *how)
{
	const struct inode *inode;
	struct file *file;
	bool counted;

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
	saker_out_u64(out, SAKER_P_open_flags, true_flags(how, file));
	saker_out_u64(out, SAKER_P_open_fileflags, saker_file_flags(file));
	saker_file_put(file, counted);
}

/* The file that io_uring put into a slot, as the inner hook saw it. */
static void put_slot(struct saker_out *out, const struct saker_call *call)
{
	const struct saker_slot *slot = call->slot;

	saker_put_seen(out, SAKER_P_open_path, call, 0);
	if (!slot || !slot->seen_len[0])
		return;
	saker_out_u64(out, SAKER_P_open_dev, slot->seen_file.dev);
	saker_out_u64(out, SAKER_P_open_ino, slot->seen_file.ino);
	saker_out_u64(out, SAKER_P_open_fdtype, slot->seen_file.fdtype);
	saker_out_u64(out, SAKER_P_open_fileflags, slot->seen_file.flags);
}

static __always_inline void write_open_as(struct saker_call *call, const struct how *how, bool slot,
					  long ret)
{
	struct saker_out out;

	if (!saker_out_begin(&out, SAKER_LANE_EVENT, call->sys->event,
			     SAKER_P_open_fileflags + 1, 3 * PATH_MAX))
		return;
	saker_out_u64(&out, SAKER_P_open_fd, ret);
	saker_out_u64(&out, SAKER_P_open_flags, how->flags);
	if (how->nameless)
		saker_out_absent(&out, SAKER_P_open_name, SAKER_BLOB_ABSENT);
	else
		saker_name_put(&out, SAKER_P_open_name, call, 0, how->name_arg);
	if (slot)
		put_slot(&out, call);
	else if (ret >= 0)
		put_file(&out, ret, how);
	else
		saker_out_absent(&out, SAKER_P_open_path, SAKER_BLOB_ABSENT);
	if (how->nameless)
		saker_out_absent(&out, SAKER_P_open_base, SAKER_BLOB_ABSENT);
	else
		saker_put_base(&out, SAKER_P_open_base, call, 0, how->dirfd);
	saker_out_u64(&out, SAKER_P_open_dirfd, how->dirfd);
	saker_out_u64(&out, SAKER_P_open_mode, how->mode);
	saker_out_u64(&out, SAKER_P_open_resolve, how->resolve);
	saker_out_end(&out, ret);
}

static void write_open(struct saker_call *call, const struct how *how, long ret)
{
	write_open_as(call, how, false, ret);
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

static void handle_leave(struct saker_call *call, long ret)
{
	const struct how how = {
		.dirfd = saker_arg(call, 0),
		.flags = (u32)saker_arg(call, 2),
		.nameless = true,
	};

	write_open(call, &how, ret);
}

static void read_how(struct saker_call *call)
{
	struct open_how asked;

	call->how.read = saker_arg(call, 3) >= sizeof(asked) &&
			 !copy_from_user_nofault(&asked,
						 (const void __user *)saker_arg(call, 2),
						 sizeof(asked));
	if (!call->how.read)
		return;
	call->how.flags = asked.flags;
	call->how.mode = asked.mode;
	call->how.resolve = asked.resolve;
}

static void openat2_enter(struct saker_call *call)
{
	openat_enter(call);
	read_how(call);
}

/* If it was not in memory at the entry, the kernel has fetched it since. */
static void openat2_leave(struct saker_call *call, long ret)
{
	struct how how = {
		.dirfd = saker_arg(call, 0),
		.name_arg = 1,
		.from_memory = true,
	};

	if (!call->how.read)
		read_how(call);
	how.unread = !call->how.read;
	if (!how.unread) {
		how.flags = call->how.flags;
		how.mode = call->how.mode;
		how.resolve = call->how.resolve;
	}
	write_open(call, &how, ret);
}

void saker_open_leave_slot(struct saker_call *call, long ret)
{
	const struct how how = {
		.dirfd = saker_arg(call, 0),
		.name_arg = 1,
		.flags = call->how.flags,
		.mode = asked_mode(call->how.flags, call->how.mode),
		.resolve = call->how.resolve,
	};

	write_open_as(call, &how, true, ret);
}

const struct saker_syscall saker_open_calls[] = {
	{ "open", SAKER_EV_open, SAKER_CALL_MANY | SAKER_CALL_COMPAT, SAKER_KEEP_NAME,
	  open_enter, open_leave },
	{ "openat", SAKER_EV_openat, SAKER_CALL_MANY | SAKER_CALL_COMPAT, SAKER_KEEP_NAME,
	  openat_enter, openat_leave },
	{ "openat2", SAKER_EV_openat2, SAKER_CALL_MANY, SAKER_KEEP_NAME,
	  openat2_enter, openat2_leave },
	{ "open_by_handle_at", SAKER_EV_open_by_handle_at, SAKER_CALL_MANY | SAKER_CALL_COMPAT,
	  SAKER_KEEP_NONE, NULL, handle_leave },
	{ "creat", SAKER_EV_creat, SAKER_CALL_MANY, SAKER_KEEP_NAME, open_enter, creat_leave },
	{}
};
