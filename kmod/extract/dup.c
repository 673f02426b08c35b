// SPDX-License-Identifier: GPL-2.0-only
/* dup, dup2, dup3: the new descriptor, and what it refers to. */
#include <linux/file.h>
#include <linux/net.h>
#include <net/sock.h>
#include "extract.h"

static void put_none(struct saker_out *out)
{
	saker_out_absent(out, SAKER_P_dup_sock, SAKER_BLOB_ABSENT);
	saker_out_absent(out, SAKER_P_dup_path, SAKER_BLOB_ABSENT);
}

static void put_socket(struct saker_out *out, struct sock *sk)
{
	struct saker_sock ends;

	saker_sock_ends(&ends, sk);
	saker_out_blob(out, SAKER_P_dup_sock, &ends, sizeof(ends), 0);
	if (sk->sk_family == AF_UNIX && (saker_put_unix_peer(out, SAKER_P_dup_path, sk) ||
					 saker_put_unix_own(out, SAKER_P_dup_path, sk)))
		return;
	saker_out_absent(out, SAKER_P_dup_path, SAKER_BLOB_ABSENT);
}

static void put_object(struct saker_out *out, int fd)
{
	struct file *file = fget_raw(fd);
	struct socket *sock;

	if (!file) {
		put_none(out);
		return;
	}
	saker_out_u64(out, SAKER_P_dup_fdtype, saker_fd_type(file));
	sock = sock_from_file(file);
	if (sock && sock->sk) {
		put_socket(out, sock->sk);
	} else {
		saker_out_absent(out, SAKER_P_dup_sock, SAKER_BLOB_ABSENT);
		saker_put_path(out, SAKER_P_dup_path, &file->f_path);
	}
	fput(file);
}

static void write_dup(struct saker_call *call, int newfd, u32 flags, long ret)
{
	struct saker_out out;

	if (!saker_out_begin(&out, SAKER_LANE_EVENT, call->sys->event, SAKER_P_dup_path + 1,
			     PATH_MAX + sizeof(struct saker_sock)))
		return;
	saker_out_u64(&out, SAKER_P_dup_fd, ret);
	saker_out_u64(&out, SAKER_P_dup_oldfd, (int)saker_arg(call, 0));
	saker_out_u64(&out, SAKER_P_dup_newfd, newfd);
	saker_out_u64(&out, SAKER_P_dup_flags, flags);
	if (ret >= 0)
		put_object(&out, ret);
	else
		put_none(&out);
	saker_out_end(&out, ret);
}

static void dup_leave(struct saker_call *call, long ret)
{
	write_dup(call, -1, 0, ret);
}

static void dup2_leave(struct saker_call *call, long ret)
{
	write_dup(call, saker_arg(call, 1), 0, ret);
}

static void dup3_leave(struct saker_call *call, long ret)
{
	write_dup(call, saker_arg(call, 1), saker_arg(call, 2), ret);
}

/* dup2 and dup3 close the descriptor that they replace, which may wait for a file server. */
const struct saker_syscall saker_dup_calls[] = {
	{ "dup", SAKER_EV_dup, 0, SAKER_KEEP_NONE, NULL, dup_leave },
	{ "dup2", SAKER_EV_dup2, 0, SAKER_KEEP_NONE, NULL, dup2_leave },
	{ "dup3", SAKER_EV_dup3, 0, SAKER_KEEP_NONE, NULL, dup3_leave },
	{}
};
