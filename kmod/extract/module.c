// SPDX-License-Identifier: GPL-2.0-only
/* init_module, finit_module. */
#include <linux/file.h>
#include "extract.h"

static void init_module_enter(struct saker_call *call)
{
	saker_name_enter(call, 0, 2);
}

static void finit_module_enter(struct saker_call *call)
{
	saker_name_enter(call, 0, 1);
}

static void init_module_leave(struct saker_call *call, long ret)
{
	struct saker_out out;

	if (!saker_out_begin(&out, SAKER_LANE_EVENT, call->sys->event, SAKER_P_module_flags + 1,
			     PATH_MAX))
		return;
	saker_out_u64(&out, SAKER_P_module_fd, -1);
	saker_out_absent(&out, SAKER_P_module_path, SAKER_BLOB_ABSENT);
	saker_name_put(&out, SAKER_P_module_uargs, call, 0, 2);
	saker_out_u64(&out, SAKER_P_module_length, saker_arg(call, 1));
	saker_out_end(&out, ret);
}

static void finit_module_leave(struct saker_call *call, long ret)
{
	struct saker_out out;

	if (!saker_out_begin(&out, SAKER_LANE_EVENT, call->sys->event, SAKER_P_module_flags + 1,
			     2 * PATH_MAX))
		return;
	saker_out_u64(&out, SAKER_P_module_fd, (int)saker_arg(call, 0));
	saker_put_fd_path(&out, SAKER_P_module_path, saker_arg(call, 0));
	saker_name_put(&out, SAKER_P_module_uargs, call, 0, 1);
	saker_out_u64(&out, SAKER_P_module_flags, (u32)saker_arg(call, 2));
	saker_out_end(&out, ret);
}

const struct saker_syscall saker_module_calls[] = {
	{ "init_module", SAKER_EV_init_module, 0, SAKER_KEEP_NAME,
	  init_module_enter, init_module_leave },
	{ "finit_module", SAKER_EV_finit_module, 0, SAKER_KEEP_NAME,
	  finit_module_enter, finit_module_leave },
	{}
};
