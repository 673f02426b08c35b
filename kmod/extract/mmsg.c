// SPDX-License-Identifier: GPL-2.0-only
/*
 * sendmmsg, recvmmsg: many messages in one call, and a record for each, as if each had been sent or
 * received by a call of its own. The address of the first that is sent is read at the entry, as
 * sendmsg's is; all others at the exit, when the kernel has said how many messages there were.
 */
#include <linux/compat.h>
#include <linux/socket.h>
#include <linux/uaccess.h>
#include <net/compat.h>
#include "extract.h"

/* The records of one call; what exceeds them is counted as lost: preemption may be off. */
#define MOST 16

static const void __user *message(const struct saker_call *call, unsigned int n)
{
	unsigned long size = sizeof(struct mmsghdr);

#ifdef CONFIG_COMPAT
	if (saker_is_compat(call))
		size = sizeof(struct compat_mmsghdr);
#endif
	return (const void __user *)(saker_arg(call, 1) + n * size);
}

/* How many bytes of message @n were sent or received: the kernel has written it. */
static long bytes_of(const struct saker_call *call, unsigned int n)
{
	unsigned long at = offsetof(struct mmsghdr, msg_len);
	u32 bytes;

#ifdef CONFIG_COMPAT
	if (saker_is_compat(call))
		at = offsetof(struct compat_mmsghdr, msg_len);
#endif
	return copy_from_user_nofault(&bytes, message(call, n) + at, sizeof(bytes)) ? 0 : bytes;
}

static void read_message(struct saker_call *call, unsigned int n)
{
	saker_msg_enter(call, message(call, n), saker_is_compat(call));
}

static void lose_rest(const struct saker_call *call, long ret)
{
	if (unlikely(ret > MOST))
		saker_out_lost(SAKER_LANE_EVENT, call->sys->event, ret - MOST);
}

void saker_sendmmsg_leave(struct saker_call *call, long ret)
{
	/* A call that fails has sent nothing: the first message is the one that was refused. */
	unsigned int n, count = clamp_t(long, ret, 1, MOST);

	if (!ret)
		call->addr_len = 0;
	for (n = 0; n < count; n++) {
		if (n || unlikely(call->addr_len < 0))
			read_message(call, n);
		saker_send_write(call, 3, ret > 0 ? bytes_of(call, n) : ret);
	}
	lose_rest(call, ret);
}

/* The kernel has written who sent each message, if the caller asked. */
void saker_recvmmsg_leave(struct saker_call *call, long ret)
{
	unsigned int n, count = clamp_t(long, ret, 1, MOST);

	if (ret <= 0)
		call->addr_len = 0;
	for (n = 0; n < count; n++) {
		if (ret > 0)
			read_message(call, n);
		saker_receive_write(call, 3, ret > 0 ? bytes_of(call, n) : ret);
	}
	lose_rest(call, ret);
}
