// SPDX-License-Identifier: GPL-2.0-only
/* setns, unshare: the namespaces that the caller is in afterwards. */
#include "extract.h"
#include "task.h"

static void write_ns(struct saker_call *call, int fd, u32 flags, long ret)
{
	const struct nsproxy *proxy = current->nsproxy;
	struct saker_out out;

	if (!saker_out_begin(&out, SAKER_LANE_LIFE, call->sys->event, SAKER_P_ns_ns_user + 1, 0))
		return;
	saker_out_u64(&out, SAKER_P_ns_fd, fd);
	saker_out_u64(&out, SAKER_P_ns_flags, flags);
	saker_out_u64(&out, SAKER_P_ns_ns_mnt, saker_ns_mnt(proxy));
	saker_out_u64(&out, SAKER_P_ns_ns_pid, saker_ns_pid(current));
	saker_out_u64(&out, SAKER_P_ns_ns_net, proxy->net_ns->ns.inum);
	saker_out_u64(&out, SAKER_P_ns_ns_user, saker_ns_user(current));
	saker_out_end(&out, ret);
}

static void setns_leave(struct saker_call *call, long ret)
{
	write_ns(call, saker_arg(call, 0), saker_arg(call, 1), ret);
}

static void unshare_leave(struct saker_call *call, long ret)
{
	write_ns(call, -1, saker_arg(call, 0), ret);
}

const struct saker_syscall saker_ns_calls[] = {
	{ "setns", SAKER_EV_setns, 0, SAKER_KEEP_NONE, NULL, setns_leave },
	{ "unshare", SAKER_EV_unshare, 0, SAKER_KEEP_NONE, NULL, unshare_leave },
	{}
};
