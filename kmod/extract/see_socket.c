// SPDX-License-Identifier: GPL-2.0-only
/*
 * The sockets that the kernel acts on: its own checks of calls on sockets have the socket that it
 * has found, and its copy of the address. Another thread may have given the descriptor another
 * meaning, and may do so before the call returns; so the call holds the socket's file until then.
 */
#include <linux/net.h>
#include <linux/socket.h>
#include "extract.h"

bool saker_connects_seen __read_mostly;
bool saker_binds_seen __read_mostly;
bool saker_listens_seen __read_mostly;
bool saker_accepts_seen __read_mostly;
bool saker_sends_seen __read_mostly;
bool saker_receives_seen __read_mostly;

/*
 * If the hook is detached, nothing would release the file. Only the first file is held: later
 * checks may be about sockets that the first socket uses.
 */
static __always_inline bool hold(struct saker_call *call, const struct socket *sock)
{
	const struct saker_hook *hook = READ_ONCE(call->hook);

	if (unlikely(!hook || READ_ONCE(hook->mechanism) != SAKER_MECH_DIRECT || call->held ||
		     !sock->file))
		return false;
	call->held = get_file(sock->file);
	return true;
}

/* If the arguments of a socketcall could not be read, its event is known later. */
static __always_inline bool may_be(const struct saker_call *call, u16 one, u16 two, u16 three)
{
	const u16 event = call->sys->event;

	return event == one || event == two || event == three || call->sys->events;
}

static __always_inline void hold_if(const struct socket *sock, u16 one, u16 two, u16 three)
{
	struct saker_call *call = saker_direct_call();

	if (call && may_be(call, one, two, three))
		hold(call, sock);
}

#define SHORT 16			/* an IPv4 address */

/* @from is a struct sockaddr_storage, which is longer than any address. */
static __always_inline void keep_addr(struct saker_call *call, const void *from, int len)
{
	call->addr_len = clamp_t(int, len, 0, sizeof(call->addr));
	if (likely(call->addr_len <= SHORT))
		memcpy(&call->addr, from, SHORT);
	else
		memcpy(&call->addr, from, call->addr_len);
}

/* (socket, address, its length) */
static __always_inline void see_addr(const unsigned long *args, u16 event)
{
	struct saker_call *call = saker_direct_call();

	if (call && may_be(call, event, event, event) &&
	    hold(call, (const struct socket *)args[0]))
		keep_addr(call, (const void *)args[1], args[2]);
}

void saker_see_connect(const unsigned long *args)
{
	see_addr(args, SAKER_EV_connect);
}

void saker_see_bind(const unsigned long *args)
{
	see_addr(args, SAKER_EV_bind);
}

/* (socket, backlog) */
void saker_see_listen(const unsigned long *args)
{
	hold_if((const struct socket *)args[0], SAKER_EV_listen, SAKER_EV_listen, SAKER_EV_listen);
}

/* (listening socket, new socket): the new one has its file and waits for a connection. */
void saker_see_accept(const unsigned long *args)
{
	hold_if((const struct socket *)args[1], SAKER_EV_accept, SAKER_EV_accept4,
		SAKER_EV_accept4);
}

/* (socket, message, its size) */
void saker_see_send(const unsigned long *args)
{
	struct saker_call *call = saker_direct_call();
	const struct msghdr *msg = (const struct msghdr *)args[1];

	if (!call || !may_be(call, SAKER_EV_sendto, SAKER_EV_sendmsg, SAKER_EV_sendmmsg) ||
	    !hold(call, (const struct socket *)args[0]))
		return;
	if (msg->msg_name)
		keep_addr(call, msg->msg_name, msg->msg_namelen);
	else
		call->addr_len = 0;
}

/* (socket, message, its size, flags) */
void saker_see_receive(const unsigned long *args)
{
	hold_if((const struct socket *)args[0], SAKER_EV_recvfrom, SAKER_EV_recvmsg,
		SAKER_EV_recvmmsg);
}
