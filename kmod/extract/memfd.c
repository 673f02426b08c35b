// SPDX-License-Identifier: GPL-2.0-only
#include "extract.h"

static void memfd_enter(struct saker_call *call)
{
	saker_name_enter(call, 0, 0);
}

static void memfd_leave(struct saker_call *call, long ret)
{
	struct saker_out out;

	if (!saker_out_begin(&out, SAKER_LANE_EVENT, call->sys->event, SAKER_P_memfd_flags + 1,
			     PATH_MAX))
		return;
	saker_out_u64(&out, SAKER_P_memfd_fd, ret);
	saker_name_put(&out, SAKER_P_memfd_name, call, 0, 0);
	saker_out_u64(&out, SAKER_P_memfd_flags, (u32)saker_arg(call, 1));
	saker_out_end(&out, ret);
}

const struct saker_syscall saker_memfd_calls[] = {
	{ "memfd_create", SAKER_EV_memfd_create, 0, SAKER_KEEP_NAME, memfd_enter, memfd_leave },
	{}
};
