/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ftrace direct calls: saker_direct_register() and saker_direct_unregister() for the ftrace sites
 * of a group of functions that are hooked and unhooked together. Since da8bdfbd42af (6.4) a direct
 * call belongs to an ftrace_ops; a group shares one, because removing an ops waits for every task.
 * Before that the address of a site was enough, and a group is one site.
 */
#ifndef SAKER_COMPAT_DIRECT_H
#define SAKER_COMPAT_DIRECT_H

#if defined(CONFIG_X86_64) && defined(CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS)
#define SAKER_HAVE_DIRECT

#include <linux/ftrace.h>
#include <linux/version.h>

/*
 * struct saker_direct - one function of a group
 * @ip:		its site
 * @first:	the group's first one, which holds what is the group's; NULL: not attached
 * @next:	the next one, NULL in the last
 * @left:	how many are attached
 */
struct saker_direct {
	unsigned long ip;
	struct saker_direct *first;
	struct saker_direct *next;
	unsigned int left;
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0)
	struct ftrace_ops ops;
#endif
};

#define SAKER_DIRECT_GROUP 32		/* functions of a group, at most */

static inline int saker_direct_register(struct saker_direct *const *group, unsigned int n,
					unsigned long to)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0)
	struct saker_direct *first = group[0];
	unsigned long ips[SAKER_DIRECT_GROUP];
	unsigned int i;
	int err;

	for (i = 0; i < n; i++)
		ips[i] = group[i]->ip;
	/*
	 * Permanent: kernel.ftrace_enabled=0 is refused while it exists, as with the single ops of
	 * older kernels.
	 */
	first->ops = (struct ftrace_ops){ .flags = FTRACE_OPS_FL_PERMANENT };
	err = ftrace_set_filter_ips(&first->ops, ips, n, 0, 0);
	if (err)
		return err;
	err = register_ftrace_direct(&first->ops, to);
	if (err)
		ftrace_free_filter(&first->ops);
	return err;
#else
	return n > 1 ? -EOPNOTSUPP : register_ftrace_direct(group[0]->ip, to);
#endif
}

static inline int saker_direct_unregister(struct saker_direct *first, unsigned long to)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0)
	return unregister_ftrace_direct(&first->ops, to, true);
#else
	return unregister_ftrace_direct(first->ip, to);
#endif
}

#endif
#endif
