// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the kernel really acts on: hooks on the checks that every path call makes, with the objects
 * that it has looked up. Another thread may have rewritten the names in user memory; these objects
 * it cannot change. The text is made here, while the directory is locked and the entry still has
 * the name.
 */
#include <linux/dcache.h>
#include <linux/err.h>
#include <linux/mount.h>
#include "../compat/uring_op.h"
#include "extract.h"

/* An object that exists. */
static void see_path(struct saker_slot *slot, unsigned int which, const struct path *path)
{
	char *buf = slot->seen[which];
	u16 flags;
	char *text = saker_path_text(path, buf, PATH_MAX, &flags);

	if (IS_ERR(text)) {
		slot->seen_flags[which] = SAKER_BLOB_TRUNCATED;
		return;
	}
	slot->seen_at[which] = text;
	slot->seen_len[which] = buf + PATH_MAX - 1 - text;
	slot->seen_flags[which] = flags;
}

/* An entry of a directory, which may not exist yet. */
static void see_entry(struct saker_slot *slot, unsigned int which, const struct path *dir,
		      const struct dentry *dentry)
{
	u32 len = dentry->d_name.len;
	u32 room = PATH_MAX - len - 1;
	char *buf = slot->seen[which];
	char *text, *end = buf + room - 1;
	u16 flags;

	slot->seen_flags[which] = SAKER_BLOB_TRUNCATED;
	if (len > NAME_MAX)
		return;
	text = saker_path_text(dir, buf, room, &flags);
	if (IS_ERR(text))
		return;
	if (end - text > 1)
		*end++ = '/';
	memcpy(end, dentry->d_name.name, len);
	slot->seen_at[which] = text;
	slot->seen_len[which] = end + len - text;
	slot->seen_flags[which] = flags;
}

void saker_put_seen(struct saker_out *out, unsigned int slot, const struct saker_call *call,
		    unsigned int which)
{
	const struct saker_slot *from = call->slot;

	if (from && from->seen_len[which])
		saker_out_blob(out, slot, from->seen_at[which], from->seen_len[which],
			       from->seen_flags[which]);
	else
		saker_out_absent(out, slot,
				 SAKER_BLOB_ABSENT | (from ? from->seen_flags[which] : 0));
}

static void *arg(const unsigned long *args, unsigned int n)
{
	return (void *)args[n];
}

/* (dir, entry): unlink, rmdir, mkdir, mknod, and as the new name, symlink. */
static void see_old_entry(const unsigned long *args)
{
	struct saker_slot *slot = saker_slot_current();

	if (slot)
		see_entry(slot, 0, arg(args, 0), arg(args, 1));
}

static void see_new_entry(const unsigned long *args)
{
	struct saker_slot *slot = saker_slot_current();

	if (slot)
		see_entry(slot, 1, arg(args, 0), arg(args, 1));
}

/* (old directory, old entry, new directory, new entry) */
static void see_rename(const unsigned long *args)
{
	struct saker_slot *slot = saker_slot_current();

	if (!slot)
		return;
	see_entry(slot, 0, arg(args, 0), arg(args, 1));
	see_entry(slot, 1, arg(args, 2), arg(args, 3));
}

/* (old entry, new directory, new entry); a link never leaves its mount. */
static void see_link(const unsigned long *args)
{
	struct saker_slot *slot = saker_slot_current();
	const struct path *dir = arg(args, 1);
	const struct path old = { .mnt = dir->mnt, .dentry = arg(args, 0) };

	if (!slot)
		return;
	see_path(slot, 0, &old);
	see_entry(slot, 1, dir, arg(args, 2));
}

/* (path): chmod, chown. */
static void see_first(const unsigned long *args)
{
	struct saker_slot *slot = saker_slot_current();

	if (slot)
		see_path(slot, 0, arg(args, 0));
}

/* (device, path): mount. */
static void see_second(const unsigned long *args)
{
	struct saker_slot *slot = saker_slot_current();

	if (slot)
		see_path(slot, 0, arg(args, 1));
}

/* (mount): where it is mounted, before it is gone. */
static void see_mount(const unsigned long *args)
{
	struct saker_slot *slot = saker_slot_current();
	struct vfsmount *mnt = arg(args, 0);
	const struct path path = { .mnt = mnt, .dentry = mnt->mnt_root };

	if (slot)
		see_path(slot, 0, &path);
}

#ifdef SAKER_HAVE_URING_OPS
/* (request, flags, file): a file that goes into a slot of io_uring. */
static void see_file(const unsigned long *args)
{
	struct saker_slot *slot = saker_slot_current();
	const struct file *file = arg(args, 2);
	const struct inode *inode = file_inode(file);

	if (!slot)
		return;
	see_path(slot, 0, &file->f_path);
	slot->seen_file.dev = inode->i_sb->s_dev;
	slot->seen_file.ino = inode->i_ino;
	slot->seen_file.fdtype = saker_fd_type(file);
	slot->seen_file.flags = saker_file_flags(file);
}
#endif

const struct saker_inner saker_inners[] = {
	{ "security_path_unlink", { SAKER_EV_unlink, SAKER_EV_unlinkat }, see_old_entry },
	{ "security_path_rmdir", { SAKER_EV_rmdir, SAKER_EV_unlinkat }, see_old_entry },
	{ "security_path_mkdir", { SAKER_EV_mkdir, SAKER_EV_mkdirat }, see_old_entry },
	{ "security_path_mknod", { SAKER_EV_mknod, SAKER_EV_mknodat }, see_old_entry },
	{ "security_path_rename", { SAKER_EV_rename, SAKER_EV_renameat, SAKER_EV_renameat2 },
	  see_rename },
	{ "security_path_symlink", { SAKER_EV_symlink, SAKER_EV_symlinkat }, see_new_entry },
	{ "security_path_link", { SAKER_EV_link, SAKER_EV_linkat }, see_link },
	{ "security_path_chmod", { SAKER_EV_chmod, SAKER_EV_fchmod, SAKER_EV_fchmodat },
	  see_first },
	{ "security_path_chown",
	  { SAKER_EV_chown, SAKER_EV_lchown, SAKER_EV_fchown, SAKER_EV_fchownat }, see_first },
#ifdef SAKER_HAVE_URING_OPS
	{ "io_fixed_fd_install", { SAKER_EV_openat, SAKER_EV_openat2 }, see_file },
#endif
	{ "security_socket_connect", { SAKER_EV_connect },
	  saker_see_connect, &saker_connects_seen },
	{ "security_socket_bind", { SAKER_EV_bind }, saker_see_bind, &saker_binds_seen },
	{ "security_socket_listen", { SAKER_EV_listen }, saker_see_listen, &saker_listens_seen },
	{ "security_socket_accept", { SAKER_EV_accept, SAKER_EV_accept4 },
	  saker_see_accept, &saker_accepts_seen },
	{ "security_socket_sendmsg", { SAKER_EV_sendto, SAKER_EV_sendmsg, SAKER_EV_sendmmsg },
	  saker_see_send, &saker_sends_seen },
	{ "security_socket_recvmsg", { SAKER_EV_recvfrom, SAKER_EV_recvmsg, SAKER_EV_recvmmsg },
	  saker_see_receive, &saker_receives_seen },
	{ "security_sb_mount", { SAKER_EV_mount }, see_second },
	{ "security_sb_umount", { SAKER_EV_umount2, SAKER_EV_umount }, see_mount },
	{}
};
