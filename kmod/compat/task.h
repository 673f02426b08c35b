/* SPDX-License-Identifier: GPL-2.0-only */
/* struct mnt_namespace is private to fs/: its first members, up to the one that is needed. */
#ifndef SAKER_COMPAT_TASK_H
#define SAKER_COMPAT_TASK_H

#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/ns_common.h>
#include <linux/nsproxy.h>
#include <linux/version.h>

struct saker_mnt_namespace {
/* 1a7b8969e664 (5.11): the count moved into ns_common */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 11, 0)
	atomic_t count;
#endif
	struct ns_common ns;
};

static inline u32 saker_ns_mnt(const struct nsproxy *proxy)
{
	return ((const struct saker_mnt_namespace *)proxy->mnt_ns)->ns.inum;
}

/* f122a08b197d (6.3): one u64 instead of two u32. */
static inline u64 saker_caps(kernel_cap_t caps)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
	return (u64)caps.cap[1] << 32 | caps.cap[0];
#else
	return caps.val;
#endif
}

/* The timestamps are reached through accessors from 6.6 (ctime) and 6.7 (the others) on. */
static inline u64 saker_inode_ctime_ns(const struct inode *inode)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
	return timespec64_to_ns(&inode->i_ctime);
#else
	struct timespec64 ts = inode_get_ctime(inode);

	return timespec64_to_ns(&ts);
#endif
}

static inline u64 saker_inode_mtime_ns(const struct inode *inode)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 7, 0)
	return timespec64_to_ns(&inode->i_mtime);
#else
	struct timespec64 ts = inode_get_mtime(inode);

	return timespec64_to_ns(&ts);
#endif
}

static inline kuid_t saker_loginuid(const struct task_struct *task)
{
	return audit_get_loginuid((struct task_struct *)task);
}

#endif
