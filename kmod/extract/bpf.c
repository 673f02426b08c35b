// SPDX-License-Identifier: GPL-2.0-only
#include "extract.h"

static void bpf_leave(struct saker_call *call, long ret)
{
	struct saker_out out;

	if (!saker_out_begin(&out, SAKER_LANE_EVENT, call->sys->event, SAKER_P_bpf_size + 1, 0))
		return;
	saker_out_u64(&out, SAKER_P_bpf_fd, ret);
	saker_out_u64(&out, SAKER_P_bpf_cmd, (u32)saker_arg(call, 0));
	saker_out_u64(&out, SAKER_P_bpf_size, (u32)saker_arg(call, 2));
	saker_out_end(&out, ret);
}

const struct saker_syscall saker_bpf_calls[] = {
	{ "bpf", SAKER_EV_bpf, 0, SAKER_KEEP_NONE, NULL, bpf_leave },
	{}
};
