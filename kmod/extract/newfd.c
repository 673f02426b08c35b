// SPDX-License-Identifier: GPL-2.0-only
/* Calls that make a descriptor of a kind of its own. */
#include "extract.h"

static void userfaultfd_leave(struct saker_call *call, long ret)
{
	struct saker_out out;

	if (!saker_out_begin(&out, SAKER_LANE_EVENT, call->sys->event, SAKER_P_newfd_fdtype + 1, 0))
		return;
	saker_out_u64(&out, SAKER_P_newfd_fd, ret);
	saker_out_u64(&out, SAKER_P_newfd_flags, (u32)saker_arg(call, 0));
	if (ret >= 0)
		saker_out_u64(&out, SAKER_P_newfd_fdtype, SAKER_FD_USERFAULT);
	saker_out_end(&out, ret);
}

const struct saker_syscall saker_newfd_calls[] = {
	{ "userfaultfd", SAKER_EV_userfaultfd, 0, SAKER_KEEP_NONE, NULL, userfaultfd_leave },
	{}
};
