// SPDX-License-Identifier: GPL-2.0-only
/* socket: a new socket, by what the caller asked for. */
#include <linux/net.h>
#include <linux/socket.h>
#include "extract.h"

/* The kernel makes a packet socket of this old form (__sock_create() in net/socket.c). */
static u32 domain_made(u32 domain, u32 type)
{
	return domain == PF_INET && (type & SOCK_TYPE_MASK) == SOCK_PACKET ? PF_PACKET : domain;
}

static void socket_leave(struct saker_call *call, long ret)
{
	const u32 type = saker_arg(call, 1);
	const u32 domain = domain_made(saker_arg(call, 0), type);
	struct saker_out out;

	if (!saker_out_begin(&out, SAKER_LANE_EVENT, call->sys->event,
			     SAKER_P_socket_fdtype + 1, 0))
		return;
	saker_out_u64(&out, SAKER_P_socket_fd, ret);
	saker_out_u64(&out, SAKER_P_socket_domain, domain);
	saker_out_u64(&out, SAKER_P_socket_type, type);
	saker_out_u64(&out, SAKER_P_socket_proto, (u32)saker_arg(call, 2));
	if (ret >= 0)
		saker_out_u64(&out, SAKER_P_socket_fdtype, saker_family_type(domain));
	saker_out_end(&out, ret);
}

const struct saker_syscall saker_socket_calls[] = {
	{ "socket", SAKER_EV_socket, 0, SAKER_KEEP_NONE, NULL, socket_leave },
	{}
};
