// SPDX-License-Identifier: GPL-2.0-only
/* What a descriptor's file is. */
#include <linux/file.h>
#include <linux/magic.h>
#include <linux/net.h>
#include <linux/uaccess.h>
#include "extract.h"

#ifndef PID_FS_MAGIC
#define PID_FS_MAGIC 0x50494446
#endif

/* Files without an inode of their own are distinguished by the name that the kernel gave them. */
static const struct {
	const char *name;
	char type;
} anon_types[] = {
	{ "[eventpoll]", SAKER_FD_EPOLL },
	{ "[eventfd]", SAKER_FD_EVENT },
	{ "[signalfd]", SAKER_FD_SIGNAL },
	{ "[timerfd]", SAKER_FD_TIMER },
	{ "inotify", SAKER_FD_INOTIFY },
	{ "[io_uring]", SAKER_FD_IOURING },
	{ "[userfaultfd]", SAKER_FD_USERFAULT },
	{ "[pidfd]", SAKER_FD_PIDFD },
	{ "bpf", SAKER_FD_BPF },	/* bpf-prog, bpf-map, bpf_link, ... */
};

static u32 anon_type(const struct dentry *dentry)
{
	const char *name = (const char *)dentry->d_name.name;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(anon_types); i++)
		if (!strncmp(name, anon_types[i].name, strlen(anon_types[i].name)))
			return anon_types[i].type;
	return SAKER_FD_OTHER;
}

bool saker_is_memfd(const struct dentry *dentry)
{
	return IS_ROOT(dentry) && !strncmp((const char *)dentry->d_name.name, "memfd:", 6);
}

/*
 * Not in a directory. Newer kernels give pidfds (6.9) and other such files the mode of a regular
 * file.
 */
static u32 rootless_type(const struct inode *inode, const struct dentry *dentry)
{
	if (inode->i_sb->s_magic == ANON_INODE_FS_MAGIC)
		return anon_type(dentry);
	if (inode->i_sb->s_magic == PID_FS_MAGIC)
		return SAKER_FD_PIDFD;
	if (saker_is_memfd(dentry))
		return SAKER_FD_MEMFD;
	return S_ISREG(inode->i_mode) ? SAKER_FD_FILE : SAKER_FD_OTHER;
}

u32 saker_odd_fd_type(const struct file *file)
{
	const struct inode *inode = file_inode(file);
	const struct dentry *dentry = file->f_path.dentry;
	struct socket *sock;

	switch (inode->i_mode & S_IFMT) {
	case S_IFREG:
		return unlikely(IS_ROOT(dentry)) ? rootless_type(inode, dentry) : SAKER_FD_FILE;
	case S_IFCHR:
	case S_IFBLK:
	case S_IFLNK:
		return SAKER_FD_FILE;
	case S_IFDIR:
		return SAKER_FD_DIR;
	case S_IFIFO:
		return SAKER_FD_FIFO;
	case S_IFSOCK:
		sock = sock_from_file((struct file *)file);
		return sock && sock->sk ? saker_sock_type(sock->sk) : SAKER_FD_OTHER;
	}
	return rootless_type(inode, dentry);
}

/*
 * overlayfs keeps the dentry of the upper layer right after the inode that users see (struct
 * ovl_inode, private to it); it is NULL while the file exists in the lower layer only.
 */
u32 saker_overlay_of(const struct inode *inode)
{
	struct dentry *upper;

	if (copy_from_kernel_nofault(&upper, inode + 1, sizeof(upper)))
		return 0;
	return upper ? SAKER_FILE_UPPER : SAKER_FILE_LOWER;
}
