// SPDX-License-Identifier: GPL-2.0-only
/*
 * socketcall, by which 32-bit programs may make every call on sockets: its first argument says
 * which call, the second points to the arguments of that call. The record is written by that call's
 * row.
 */
#include <linux/net.h>
#include <linux/nospec.h>
#include <linux/uaccess.h>
#include "extract.h"

#define ARGS_MAX 6

/*
 * The event of each number, and its count of arguments. SYS_SEND is sendto without an address, to
 * the kernel too.
 */
static const struct {
	u16 event;
	u8 nargs;
} calls[] = {
	[SYS_SOCKET] = { SAKER_EV_socket, 3 },
	[SYS_BIND] = { SAKER_EV_bind, 3 },
	[SYS_CONNECT] = { SAKER_EV_connect, 3 },
	[SYS_LISTEN] = { SAKER_EV_listen, 2 },
	[SYS_ACCEPT] = { SAKER_EV_accept, 3 },
	[SYS_SEND] = { SAKER_EV_sendto, 4 },
	[SYS_SENDTO] = { SAKER_EV_sendto, 6 },
	[SYS_SENDMSG] = { SAKER_EV_sendmsg, 3 },
	[SYS_RECV] = { SAKER_EV_recvfrom, 4 },
	[SYS_RECVFROM] = { SAKER_EV_recvfrom, 6 },
	[SYS_RECVMSG] = { SAKER_EV_recvmsg, 3 },
	[SYS_ACCEPT4] = { SAKER_EV_accept4, 4 },
	[SYS_RECVMMSG] = { SAKER_EV_recvmmsg, 5 },
	[SYS_SENDMMSG] = { SAKER_EV_sendmmsg, 4 },
};

static const u16 events[] = {
	SAKER_EV_socket, SAKER_EV_bind, SAKER_EV_connect, SAKER_EV_listen, SAKER_EV_accept,
	SAKER_EV_accept4, SAKER_EV_sendto, SAKER_EV_sendmsg, SAKER_EV_recvfrom,
	SAKER_EV_recvmsg, SAKER_EV_recvmmsg, SAKER_EV_sendmmsg, 0,
};

static void set_args(struct saker_call *call, const u32 *args)
{
	unsigned int n;

	for (n = 0; n < ARGS_MAX; n++)
		saker_arg_set(call, n, args[n]);
}

/*
 * Put the arguments in the place of socketcall's own. False: they cannot be read, and nothing has
 * changed.
 */
static bool take_args(struct saker_call *call, unsigned int nargs)
{
	u32 args[ARGS_MAX] = {};

	if (copy_from_user_nofault(args, (const void __user *)saker_arg(call, 1),
				   nargs * sizeof(*args)))
		return false;
	set_args(call, args);
	return true;
}

static void become(struct saker_call *call, const struct saker_syscall *row)
{
	call->sys = row;
	if (row->enter)
		row->enter(call);
}

static void socketcall_enter(struct saker_call *call)
{
	unsigned long nr = saker_arg(call, 0);
	u16 event = 0;

	if (nr < ARRAY_SIZE(calls)) {
		nr = array_index_nospec(nr, ARRAY_SIZE(calls));
		event = calls[nr].event;
	}
	if (!event || !saker_hooks_want(event))
		call->sys = &saker_no_call;
	else if (take_args(call, calls[nr].nargs))
		become(call, saker_row_of(event));
}

/*
 * Runs only if the arguments could not be read at the entry: the kernel has fetched them since, or
 * the call has failed.
 */
static void socketcall_leave(struct saker_call *call, long ret)
{
	static const u32 unknown[ARGS_MAX] = { -1 };		/* no descriptor, no address */
	unsigned long nr = array_index_nospec(saker_arg(call, 0), ARRAY_SIZE(calls));

	if (!take_args(call, calls[nr].nargs))
		set_args(call, unknown);
	if (call->held)		/* what its enter would find out has been seen */
		call->sys = saker_row_of(calls[nr].event);
	else
		become(call, saker_row_of(calls[nr].event));
	call->sys->leave(call, ret);
}

const struct saker_syscall saker_socketcall_calls[] = {
	{ .name = "socketcall", .flags = SAKER_CALL_MANY | SAKER_CALL_ONLY_32 | SAKER_CALL_COMPAT,
	  .keep = SAKER_KEEP_ADDR, .enter = socketcall_enter, .leave = socketcall_leave,
	  .events = events },
	{}
};
