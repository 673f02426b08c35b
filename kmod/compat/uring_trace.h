/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's tracepoints of io_uring requests, whose arguments changed several times, also in
 * stable series: the compiler compares the prototypes. saker_submit_probe and saker_refuse_probe
 * are the functions to register, NULL where this kernel has none that we know; they call @submitted
 * and @refused of the file that includes this header.
 */
#ifndef SAKER_COMPAT_URING_TRACE_H
#define SAKER_COMPAT_URING_TRACE_H

#include <linux/types.h>
#include <linux/version.h>
#ifdef SAKER_HAVE_URING_TRACE
#include <trace/events/io_uring.h>
#endif
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 0, 0)
#include <linux/io_uring_types.h>
#endif

static void submitted(u8 opcode);
static void refused(u8 opcode);

#define SAKER_TRACE_IS(name, ...)						\
	__builtin_types_compatible_p(typeof(check_trace_callback_type_##name),	\
				     void (void (*)(void *, __VA_ARGS__)))
#define SAKER_CHOOSE(is, probe, other) __builtin_choose_expr(is, (void *)(probe), other)

#ifdef SAKER_HAVE_URING_SUBMIT_REQ	/* 2ad57931db64 (6.4): another name */
#define SAKER_SUBMIT_NAME "io_uring_submit_req"
#define SAKER_SUBMIT_IS(...) SAKER_TRACE_IS(io_uring_submit_req, __VA_ARGS__)
#else
#define SAKER_SUBMIT_NAME "io_uring_submit_sqe"
#define SAKER_SUBMIT_IS(...) SAKER_TRACE_IS(io_uring_submit_sqe, __VA_ARGS__)
#endif

#if !defined(SAKER_HAVE_URING_TRACE)
#define saker_submit_probe NULL
#elif LINUX_VERSION_CODE >= KERNEL_VERSION(6, 0, 0)
static void __maybe_unused on_submit(void *data, struct io_kiocb *req)
{
	submitted(req->opcode);
}

static void __maybe_unused on_submit_nonblock(void *data, struct io_kiocb *req, bool nonblock)
{
	submitted(req->opcode);
}

#define saker_submit_probe							\
	SAKER_CHOOSE(SAKER_SUBMIT_IS(struct io_kiocb *), on_submit,		\
	SAKER_CHOOSE(SAKER_SUBMIT_IS(struct io_kiocb *, bool), on_submit_nonblock, NULL))
#else
static void __maybe_unused on_submit_first(void *data, void *ctx, u8 opcode, u64 user_data,
					   bool nonblock, bool thread)
{
	submitted(opcode);
}

static void __maybe_unused on_submit_req(void *data, void *ctx, void *req, u8 opcode,
					 u64 user_data, u32 flags, bool nonblock, bool thread)
{
	submitted(opcode);
}

static void __maybe_unused on_submit_swapped(void *data, void *ctx, void *req,
					     unsigned long long user_data, u8 opcode, u32 flags,
					     bool nonblock, bool thread)
{
	submitted(opcode);
}

#define saker_submit_probe							\
	SAKER_CHOOSE(SAKER_SUBMIT_IS(void *, u8, u64, bool, bool), on_submit_first, \
	SAKER_CHOOSE(SAKER_SUBMIT_IS(void *, void *, u8, u64, u32, bool, bool), on_submit_req, \
	SAKER_CHOOSE(SAKER_SUBMIT_IS(void *, void *, unsigned long long, u8, u32, bool, bool), \
		     on_submit_swapped, NULL)))
#endif

/* Since 6.0 with the request itself; older kernels do not say what was refused. */
#if defined(SAKER_HAVE_URING_TRACE) && defined(SAKER_HAVE_URING_REQ_FAILED) && \
	LINUX_VERSION_CODE >= KERNEL_VERSION(6, 0, 0)
static void __maybe_unused on_refuse(void *data, const struct io_uring_sqe *sqe,
				     struct io_kiocb *req, int error)
{
	refused(req->opcode);
}

#define saker_refuse_probe							\
	SAKER_CHOOSE(SAKER_TRACE_IS(io_uring_req_failed, const struct io_uring_sqe *, \
				    struct io_kiocb *, int), on_refuse, NULL)
#else
#define saker_refuse_probe NULL
#endif

#endif
