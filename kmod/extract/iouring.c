// SPDX-License-Identifier: GPL-2.0-only
/*
 * io_uring_setup, io_uring_enter, io_uring_register: the calls themselves. uring.c has the
 * operations that a ring carries out.
 */
#include <linux/file.h>
#include <linux/uaccess.h>
#include <uapi/linux/io_uring.h>
#include "extract.h"

#ifndef IORING_ENTER_REGISTERED_RING	/* e7a6c00dc77a (5.18) */
#define IORING_ENTER_REGISTERED_RING (1u << 4)
#endif
#define USE_REGISTERED_RING (1u << 31)	/* IORING_REGISTER_USE_REGISTERED_RING, since 6.3 */

static bool read_params(const struct saker_call *call, struct io_uring_params *params)
{
	return !copy_from_user_nofault(params, (const void __user *)saker_arg(call, 1),
				       sizeof(*params));
}

static void keep_asked(struct saker_call *call, const struct io_uring_params *params)
{
	call->params = (struct saker_ring_params){
		.flags = params->flags,
		.sq_thread_cpu = params->sq_thread_cpu,
		.sq_thread_idle = params->sq_thread_idle,
		.read = 1,
	};
}

static void setup_enter(struct saker_call *call)
{
	struct io_uring_params params;

	call->params.read = 0;
	if (read_params(call, &params))
		keep_asked(call, &params);
}

/* On success the kernel has just written what it made; before that it read what was asked. */
static void setup_leave(struct saker_call *call, long ret)
{
	struct io_uring_params params;
	struct saker_out out;
	bool read = read_params(call, &params);

	if (!call->params.read && read)
		keep_asked(call, &params);
	if (!saker_out_begin(&out, SAKER_LANE_EVENT, call->sys->event, SAKER_P_iouring_nr_args + 1,
			     0))
		return;
	saker_out_u64(&out, SAKER_P_iouring_fd, ret);
	saker_out_u64(&out, SAKER_P_iouring_entries, (u32)saker_arg(call, 0));
	if (call->params.read) {
		saker_out_u64(&out, SAKER_P_iouring_flags, call->params.flags);
		saker_out_u64(&out, SAKER_P_iouring_sq_thread_cpu, call->params.sq_thread_cpu);
		saker_out_u64(&out, SAKER_P_iouring_sq_thread_idle, call->params.sq_thread_idle);
	}
	if (ret >= 0) {
		saker_out_u64(&out, SAKER_P_iouring_fdtype, SAKER_FD_IOURING);
		if (read) {
			saker_out_u64(&out, SAKER_P_iouring_sq_entries, params.sq_entries);
			saker_out_u64(&out, SAKER_P_iouring_cq_entries, params.cq_entries);
			saker_out_u64(&out, SAKER_P_iouring_features, params.features);
		}
	}
	saker_out_end(&out, ret);
}

/* The kernel accepts nothing but a ring; a call that failed may have been given anything. */
static u32 type_used(const struct saker_call *call, bool registered, long ret)
{
	u32 type = SAKER_FD_NONE;
	struct file *file;
	bool counted;

	if (ret >= 0)
		return SAKER_FD_IOURING;
	if (registered)
		return SAKER_FD_NONE;
	file = saker_file_get((int)saker_arg(call, 0), &counted);
	if (file) {
		type = saker_fd_type(file);
		saker_file_put(file, counted);
	}
	return type;
}

static bool begin(struct saker_out *out, const struct saker_call *call, u32 flags, bool registered,
		  long ret)
{
	if (!saker_out_begin(out, SAKER_LANE_EVENT, call->sys->event, SAKER_P_iouring_nr_args + 1,
			     0))
		return false;
	saker_out_u64(out, SAKER_P_iouring_fd, (int)saker_arg(call, 0));
	saker_out_u64(out, SAKER_P_iouring_fdtype, type_used(call, registered, ret));
	saker_out_u64(out, SAKER_P_iouring_flags, flags);
	return true;
}

static void enter_leave(struct saker_call *call, long ret)
{
	const u32 flags = saker_arg(call, 3);
	struct saker_out out;

	if (!begin(&out, call, flags, flags & IORING_ENTER_REGISTERED_RING, ret))
		return;
	saker_out_u64(&out, SAKER_P_iouring_to_submit, (u32)saker_arg(call, 1));
	saker_out_u64(&out, SAKER_P_iouring_min_complete, (u32)saker_arg(call, 2));
	saker_out_end(&out, ret);
}

static void register_leave(struct saker_call *call, long ret)
{
	const u32 opcode = saker_arg(call, 1);
	const u32 flags = opcode & USE_REGISTERED_RING;
	struct saker_out out;

	if (!begin(&out, call, flags, flags, ret))
		return;
	saker_out_u64(&out, SAKER_P_iouring_opcode, opcode & ~USE_REGISTERED_RING);
	saker_out_u64(&out, SAKER_P_iouring_arg, saker_arg(call, 2));
	saker_out_u64(&out, SAKER_P_iouring_nr_args, (u32)saker_arg(call, 3));
	saker_out_end(&out, ret);
}

const struct saker_syscall saker_iouring_calls[] = {
	{ "io_uring_setup", SAKER_EV_io_uring_setup, 0, SAKER_KEEP_PARAMS,
	  setup_enter, setup_leave },
	{ "io_uring_enter", SAKER_EV_io_uring_enter, SAKER_CALL_MANY, SAKER_KEEP_NONE,
	  NULL, enter_leave },
	{ "io_uring_register", SAKER_EV_io_uring_register, 0, SAKER_KEEP_NONE,
	  NULL, register_leave },
	{}
};
