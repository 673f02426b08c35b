/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What io_uring stores of a request between preparing and doing it: private to io_uring/, at the
 * beginning of the request. Only the members that are needed, which have not moved since the folder
 * was made (ed29b0b4fd83, 6.0). Pointers found here are followed by reads that may fail only.
 *
 * Older kernels have one function for all operations, which the compiler splits as it likes, and do
 * a request in threads of other processes: nothing is hooked there. From SAKER_URING_END on nothing
 * is hooked either: members that have moved would give wrong records (since 6.14, for one, the
 * address of a send is not kept).
 */
#ifndef SAKER_COMPAT_URING_OP_H
#define SAKER_COMPAT_URING_OP_H

#include <linux/version.h>

/* The first series that was not compared with these structures. */
#define SAKER_URING_END KERNEL_VERSION(6, 13, 0)

#if defined(CONFIG_IO_URING) && LINUX_VERSION_CODE >= KERNEL_VERSION(6, 0, 0) && \
	LINUX_VERSION_CODE < SAKER_URING_END
#define SAKER_HAVE_URING_OPS

#include <linux/io_uring_types.h>
#include <linux/openat2.h>
#include <linux/socket.h>

/* What a request's function returns beside 0 and -errno. */
#define SAKER_URING_SKIP_COMPLETE (-EIOCBQUEUED)	/* not done, or completed already */
#define SAKER_URING_STOP_MULTISHOT (-ECANCELED)	/* done, as 0 */
#define SAKER_URING_REQUEUE (-3072)			/* called again, since 6.8 */

struct saker_uring_open {
	struct file *file;
	int dfd;
	u32 file_slot;			/* 0: none, it gets a descriptor */
	struct filename *filename;
	struct open_how how;
};

struct saker_uring_name {		/* unlinkat; mkdirat with a mode in the place of flags */
	struct file *file;
	int dfd;
	union {
		int flags;
		umode_t mode;
	};
	struct filename *filename;
};

struct saker_uring_name2 {		/* renameat, linkat, symlinkat */
	struct file *file;
	int old_dfd;
	int new_dfd;
	struct filename *oldpath;
	struct filename *newpath;
	int flags;
};

struct saker_uring_socket {
	struct file *file;
	int domain;
	int type;
	int protocol;
};

struct saker_uring_connect {
	struct file *file;
	struct sockaddr __user *addr;
	int addr_len;
	bool in_progress;		/* 3fb1bd688172 (5.19): waits for the peer */
};

struct saker_uring_accept {
	struct file *file;
	struct sockaddr __user *addr;
	int __user *addr_len;
	int flags;
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 10, 0)	/* flags of io_uring's own */
	int iou_flags;
#endif
	u32 file_slot;
};

struct saker_uring_msg {
	struct file *file;
	void __user *msg;		/* sendmsg: its header */
	int len;
	unsigned int done_io;
	unsigned int msg_flags;
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0)	/* 704ea888d646, in the stable series too */
	unsigned int nr_multishot_loops;
#endif
	u16 flags;
	u16 addr_len;			/* of send, not of sendmsg */
	u16 buf_group;			/* 6eaf0089b5f3 (6.1), likewise */
	void __user *addr;
};

#endif
#endif
