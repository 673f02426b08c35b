// SPDX-License-Identifier: GPL-2.0-only
/*
 * Operations of io_uring: the same records as for the system calls. The functions that do a
 * request's work are hooked. The caller of io_uring_enter(), a worker or the thread that polls the
 * ring runs them, and each is a thread of the process that submitted the request. What a request
 * holds is the kernel's: names were copied when it was prepared.
 *
 * A request's function may be called several times: the request is done when it does not return
 * "call again".
 */
#include <linux/file.h>
#include <linux/uaccess.h>
#include "../compat/uring_op.h"
#include "extract.h"

#ifdef SAKER_HAVE_URING_OPS

/* The function's first argument is where the mechanism expects the registers of a system call. */
static void *begin(struct saker_call *call)
{
	call->req = (void *)call->args - SAKER_ARGS_AT;
	call->own = (struct saker_args){};
	call->args = &call->own;
	return call->req;
}

#define SEARCH_MAX 1024		/* descriptors */

/* The first of the caller's descriptors that means @file; -1 if there is none below SEARCH_MAX. */
static int search_fd(const struct file *file)
{
	const struct fdtable *table;
	unsigned int i, n;
	int fd = -1;

	rcu_read_lock();
	table = files_fdtable(current->files);
	n = min_t(unsigned int, table->max_fds, SEARCH_MAX);
	for (i = 0; i < n && fd < 0; i++)
		if (rcu_access_pointer(table->fd[i]) == file)
			fd = i;
	rcu_read_unlock();
	return fd;
}

/*
 * The same for a request on a file. Its first argument becomes the number that the request gives
 * the file. It is read now, because the result overwrites it, and so does what a poll found if the
 * request had to wait. The number of a registered file is an index of the ring's own table,
 * reported like a descriptor: many rules ask for a number that is not negative.
 */
static void *begin_on_file(struct saker_call *call)
{
	const struct io_kiocb *req = begin(call);

	saker_arg_set(call, 0, req->flags & REQ_F_POLLED ? search_fd(req->file) : req->cqe.fd);
	return call->req;
}

/*
 * True: the request is done, and *@ret is what the call would return. The function returned an int:
 * the upper half of *@ret is undefined.
 */
static bool is_over(const struct saker_call *call, long *ret)
{
	const struct io_kiocb *req = call->req;

	*ret = (int)*ret;
	switch (*ret) {
	case -EAGAIN:
	case SAKER_URING_SKIP_COMPLETE:
	case SAKER_URING_REQUEUE:
		return false;
	case 0:
	case SAKER_URING_STOP_MULTISHOT:
		*ret = req->cqe.res;
		return true;
	}
	return true;
}

/*
 * Copy a kernel string by words, because it is at the beginning of an allocation; returns its
 * length, @room if it is longer.
 */
static long copy_string(char *to, const char *from, long room)
{
	const char *end;
	long len;

	for (len = 0; len < room; len += sizeof(long)) {
		if (copy_from_kernel_nofault(to + len, from + len, sizeof(long)))
			return -EFAULT;
		end = memchr(to + len, 0, sizeof(long));
		if (end)
			return end - to;
	}
	return room;
}

/* What saker_name_enter() does with a name in user memory. */
static void keep_name(struct saker_call *call, unsigned int which, const struct filename *filename)
{
	long len = which ? SAKER_NAME_INLINE : -EFAULT;
	char *at = call->text;
	const char *name;

	if (copy_from_kernel_nofault(&name, &filename->name, sizeof(name))) {
		len = -EFAULT;
	} else {
		if (!which)
			len = copy_string(at, name, SAKER_NAME_INLINE);
		if (len == SAKER_NAME_INLINE) {
			at = saker_slot_text(call, which);
			len = at ? copy_string(at, name, PATH_MAX) : -EFAULT;
		}
	}
	call->name[which] = (struct saker_text){
		.at = at,
		.len = len < 0 ? 0 : min_t(long, len, PATH_MAX - 1),
		.flags = len < 0 ? SAKER_BLOB_UNREADABLE :
			 len == PATH_MAX ? SAKER_BLOB_TRUNCATED : 0,
	};
}

static bool is_openat(const struct saker_call *call)
{
	const struct io_kiocb *req = call->req;

	return req->opcode == IORING_OP_OPENAT;
}

/* io_openat() only calls io_openat2(). */
static void open_enter(struct saker_call *call)
{
	const struct saker_uring_open *op = begin(call);

	if (!saker_hooks_want(is_openat(call) ? SAKER_EV_openat : SAKER_EV_openat2)) {
		call->sys = &saker_no_call;
		return;
	}
	call->how = (struct saker_how){
		.flags = op->how.flags & ~(u64)O_LARGEFILE,	/* the kernel's own addition */
		.mode = op->how.mode,
		.resolve = op->how.resolve,
		.read = 1,
	};
	if (op->file_slot)
		saker_slot_take(call);
	saker_arg_set(call, 0, op->dfd);
	saker_arg_set(call, 2, call->how.flags);
	saker_arg_set(call, 3, call->how.mode);
	saker_arg_set(call, 4, op->file_slot);
	keep_name(call, 0, op->filename);
}

static void open_leave(struct saker_call *call, long ret)
{
	if (!is_over(call, &ret))
		return;
	call->sys = saker_row_of(is_openat(call) ? SAKER_EV_openat : SAKER_EV_openat2);
	if (saker_arg(call, 4))
		saker_open_leave_slot(call, ret);
	else
		call->sys->leave(call, ret);
}

/* For operations whose record is that of the native call, made of arguments in its order. */
static void native_leave(struct saker_call *call, long ret)
{
	if (!is_over(call, &ret))
		return;
	call->sys = saker_row_of(call->sys->event);
	call->sys->leave(call, ret);
}

static void unlink_enter(struct saker_call *call)
{
	const struct saker_uring_name *op = begin(call);

	saker_slot_take(call);
	saker_arg_set(call, 0, op->dfd);
	saker_arg_set(call, 2, op->flags);
	keep_name(call, 0, op->filename);
}

static void mkdir_enter(struct saker_call *call)
{
	const struct saker_uring_name *op = begin(call);

	saker_slot_take(call);
	saker_arg_set(call, 0, op->dfd);
	saker_arg_set(call, 2, op->mode);
	keep_name(call, 0, op->filename);
}

static void name2_enter(struct saker_call *call)
{
	const struct saker_uring_name2 *op = begin(call);

	saker_slot_take(call);
	saker_arg_set(call, 0, op->old_dfd);
	saker_arg_set(call, 2, op->new_dfd);
	saker_arg_set(call, 4, op->flags);
	keep_name(call, 0, op->oldpath);
	keep_name(call, 1, op->newpath);
}

static void symlink_enter(struct saker_call *call)
{
	const struct saker_uring_name2 *op = begin(call);

	saker_slot_take(call);
	saker_arg_set(call, 1, op->new_dfd);
	keep_name(call, 0, op->oldpath);
	keep_name(call, 1, op->newpath);
}

/* Of a socket that goes into a slot the result is 0, as of a file that is opened into one. */
static void socket_enter(struct saker_call *call)
{
	const struct saker_uring_socket *op = begin(call);

	saker_arg_set(call, 0, op->domain);
	saker_arg_set(call, 1, op->type);
	saker_arg_set(call, 2, op->protocol);
}

/*
 * A connection that was tried and is waited for has been reported: as by a call on a socket that
 * does not block.
 */
static void connect_enter(struct saker_call *call)
{
	const struct saker_uring_connect *op = begin_on_file(call);

	if (op->in_progress)
		call->sys = &saker_no_call;
	else
		saker_addr_enter(call, op->addr, op->addr_len);
}

static void client_leave(struct saker_call *call, s64 arg, long ret)
{
	const struct io_kiocb *req = call->req;
	const struct saker_sock_how how = {
		.fd = saker_arg(call, 0), .listenfd = -1, .role = SAKER_ROLE_CLIENT, .arg = arg,
	};

	saker_sock_write(call, &how, req->file, ret);
}

static void connect_leave(struct saker_call *call, long ret)
{
	const struct saker_uring_connect *op = call->req;

	if ((int)ret == -EAGAIN && op->in_progress)
		ret = -EINPROGRESS;
	else if (!is_over(call, &ret))
		return;
	client_leave(call, 0, ret);
}

static void msg_enter(struct saker_call *call)
{
	const struct saker_uring_msg *op = begin_on_file(call);
	const struct io_kiocb *req = call->req;

	/* Less the flags that the kernel adds. */
	saker_arg_set(call, 1, op->msg_flags & ~(MSG_NOSIGNAL | MSG_CMSG_COMPAT));
	saker_msg_enter(call, op->msg, req->ctx->compat);
}

static void send_enter(struct saker_call *call)
{
	const struct saker_uring_msg *op = begin_on_file(call);

	saker_arg_set(call, 1, op->msg_flags & ~MSG_NOSIGNAL);
	saker_addr_enter(call, op->addr, op->addr_len);
}

static void send_leave(struct saker_call *call, long ret)
{
	if (is_over(call, &ret))
		client_leave(call, (int)saker_arg(call, 1), ret);
}

static void accept_enter(struct saker_call *call)
{
	const struct saker_uring_accept *op = begin_on_file(call);

	saker_arg_set(call, 3, op->flags);
	saker_arg_set(call, 4, op->file_slot);
}

static void accept_leave(struct saker_call *call, long ret)
{
	const struct io_kiocb *req = call->req;
	struct saker_sock_how how = {
		.listenfd = saker_arg(call, 0), .role = SAKER_ROLE_SERVER,
		.arg = (int)saker_arg(call, 3),
	};
	struct file *file;
	bool counted;

	if (!is_over(call, &ret))
		return;
	how.fd = ret;
	/* A connection that went into a slot is not found by its number. */
	if (ret < 0 || saker_arg(call, 4)) {
		saker_sock_write(call, &how, req->file, ret);
		return;
	}
	file = saker_file_get(ret, &counted);
	saker_sock_write(call, &how, file, ret);
	if (file)
		saker_file_put(file, counted);
}

static const u16 open_events[] = { SAKER_EV_openat, SAKER_EV_openat2, 0 };

enum {
#define SAKER_URING_OP_EVENT(id, name, event) OP_##name = id,
#include <saker/uring_ops.def>
};

/* The function's name is io_ and that of the operation. */
#define OP(_name, _event, _keep, _enter, _leave, _flags)					\
	{ .name = "io_" #_name, .event = SAKER_EV_##_event,					\
	  .flags = SAKER_CALL_URING | (_flags), .keep = SAKER_KEEP_##_keep, .enter = _enter,	\
	  .leave = _leave, .opcodes = BIT_ULL(OP_##_name) }

/*
 * The event is that of the newest call of its kind, which can express all that the operation can
 * do.
 */
const struct saker_syscall saker_uring_calls[] = {
	{ .name = "io_openat2", .flags = SAKER_CALL_URING | SAKER_CALL_MANY,
	  .keep = SAKER_KEEP_NAME, .enter = open_enter, .leave = open_leave,
	  .events = open_events, .opcodes = BIT_ULL(OP_openat) | BIT_ULL(OP_openat2) },
	OP(unlinkat, unlinkat,	NAME, unlink_enter, native_leave, 0),
	OP(mkdirat, mkdirat,	NAME, mkdir_enter, native_leave, 0),
	OP(renameat, renameat2,	NAME, name2_enter, native_leave, 0),
	OP(linkat, linkat,		NAME, name2_enter, native_leave, 0),
	OP(symlinkat, symlinkat,	NAME, symlink_enter, native_leave, 0),
	OP(socket, socket,		NONE, socket_enter, native_leave, 0),
	OP(connect, connect,	ADDR, connect_enter, connect_leave, SAKER_CALL_MANY),
	OP(accept, accept4,	NONE, accept_enter, accept_leave, SAKER_CALL_MANY),
	OP(sendmsg, sendmsg,	ADDR, msg_enter, send_leave, SAKER_CALL_MANY),
	OP(sendmsg_zc, sendmsg,	ADDR, msg_enter, send_leave, 0),
	OP(send, sendto,		ADDR, send_enter, send_leave, SAKER_CALL_MANY),
	OP(send_zc, sendto,	ADDR, send_enter, send_leave, 0),
	{}
};

#else
const struct saker_syscall saker_uring_calls[] = { {} };
#endif
