/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ftrace direct calls: saker_direct_register() and saker_direct_unregister() for one function's ftrace site. From
 * da8bdfbd42af (6.4) on a direct call belongs to an ftrace_ops; before, the address of the site was all.
 */
#ifndef SAKER_COMPAT_DIRECT_H
#define SAKER_COMPAT_DIRECT_H

#if defined(CONFIG_X86_64) && defined(CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS)
#define SAKER_HAVE_DIRECT

#include <linux/ftrace.h>
#include <linux/version.h>

struct saker_direct {
	unsigned long ip;
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0)
	struct ftrace_ops ops;
#endif
};

static inline int saker_direct_register(struct saker_direct *direct, unsigned long to)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0)
	int err;

	/* Permanent: kernel.ftrace_enabled=0 is refused while it is there, as for the one ops of older kernels. */
	direct->ops = (struct ftrace_ops){ .flags = FTRACE_OPS_FL_PERMANENT };
	err = ftrace_set_filter_ip(&direct->ops, direct->ip, 0, 0);
	if (err)
		return err;
	err = register_ftrace_direct(&direct->ops, to);
	if (err)
		ftrace_free_filter(&direct->ops);
	return err;
#else
	return register_ftrace_direct(direct->ip, to);
#endif
}

static inline int saker_direct_unregister(struct saker_direct *direct, unsigned long to)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0)
	return unregister_ftrace_direct(&direct->ops, to, true);
#else
	return unregister_ftrace_direct(direct->ip, to);
#endif
}

#endif
#endif
