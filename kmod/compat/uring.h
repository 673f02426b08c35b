/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Commands of io_uring, by the newest names. Kbuild looks into the headers, because stable kernels
 * receive these changes too.
 */
#ifndef SAKER_COMPAT_URING_H
#define SAKER_COMPAT_URING_H

#include <linux/build_bug.h>

#ifdef SAKER_HAVE_IO_URING_CMD_H	/* b66509b8497f (6.8): a header of its own */
#include <linux/io_uring/cmd.h>
#else
#include <linux/io_uring.h>
#endif

#ifdef SAKER_HAVE_CMD_DONE32		/* 6.18: the second result is for a function of its own */
#define saker_cmd_done(cmd, ret, issue_flags) io_uring_cmd_done(cmd, ret, issue_flags)
#else
#define saker_cmd_done(cmd, ret, issue_flags) io_uring_cmd_done(cmd, ret, 0, issue_flags)
#endif

/* A completion that runs in the task: its parameters, and how it completes. */
#ifdef SAKER_HAVE_CMD_FROM_TW		/* 6.19: task work takes a request */
#define saker_tw_args struct io_tw_req tw_req, io_tw_token_t tw
#define saker_tw_done(ret) \
	saker_cmd_done(io_uring_cmd_from_tw(tw_req), ret, IO_URING_CMD_TASK_WORK_ISSUE_FLAGS)
#else
#define saker_tw_args struct io_uring_cmd *cmd, unsigned int issue_flags
#define saker_tw_done(ret) saker_cmd_done(cmd, ret, issue_flags)
#endif

/* 93b8cc60c37b (6.7): before that only closing the file ends a wait */
#ifndef SAKER_HAVE_CMD_CANCEL
#define IO_URING_F_CANCEL 0
static inline void io_uring_cmd_mark_cancelable(struct io_uring_cmd *cmd, unsigned int issue_flags)
{
}
#endif

#if defined(SAKER_HAVE_SQE_CMD_TYPE)	/* 7.0: checks the size */
#define saker_cmd_payload(cmd, type) io_uring_sqe_cmd((cmd)->sqe, type)
#elif defined(SAKER_HAVE_SQE_CMD)	/* fd9b8547bc5c (6.6) */
#define saker_cmd_payload(cmd, type) ((const type *)io_uring_sqe_cmd((cmd)->sqe))
#else
#define saker_cmd_payload(cmd, type) ((const type *)(cmd)->cmd)
#endif

/* Bytes in the command that are the driver's. */
#define saker_cmd_pdu(cmd, type) \
	(BUILD_BUG_ON_ZERO(sizeof(type) > sizeof((cmd)->pdu)) + (type *)(cmd)->pdu)

#endif
