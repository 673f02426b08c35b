// SPDX-License-Identifier: GPL-2.0-only
/* setns, unshare: the namespaces that the caller is in afterwards. */
#include "extract.h"
#include "task.h"

static void read_places(struct saker_places *places)
{
	const struct nsproxy *proxy = current->nsproxy;

	*places = (struct saker_places){
		.mnt = saker_ns_mnt(proxy),
		.pid = saker_ns_pid(current),
		.net = proxy->net_ns->ns.inum,
		.user = saker_ns_user(current),
	};
}

static void enter(struct saker_call *call)
{
	read_places(&call->places);
}

static void write_ns(struct saker_call *call, int fd, u32 flags, long ret)
{
	const u16 event = call->sys->event;
	struct saker_places places;
	struct saker_out out;

	read_places(&places);
	if (!saker_begin_change(&out, event, SAKER_P_ns_ns_user + 1,
				memcmp(&places, &call->places, sizeof(places))))
		return;
	saker_out_u64(&out, SAKER_P_ns_fd, fd);
	saker_out_u64(&out, SAKER_P_ns_flags, flags);
	saker_out_u64(&out, SAKER_P_ns_ns_mnt, places.mnt);
	saker_out_u64(&out, SAKER_P_ns_ns_pid, places.pid);
	saker_out_u64(&out, SAKER_P_ns_ns_net, places.net);
	saker_out_u64(&out, SAKER_P_ns_ns_user, places.user);
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
	{ "setns", SAKER_EV_setns, 0, SAKER_KEEP_PLACES, enter, setns_leave },
	{ "unshare", SAKER_EV_unshare, 0, SAKER_KEEP_PLACES, enter, unshare_leave },
	{}
};
