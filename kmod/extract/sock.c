// SPDX-License-Identifier: GPL-2.0-only
/*
 * connect, accept, accept4, bind, listen, sendto, sendmsg, recvfrom, recvmsg, and with mmsg.c
 * sendmmsg and recvmmsg: both ends of the socket that see_socket.c has seen, at the exit; the
 * address asked for, as seen there or from the entry; the sender's, from the exit.
 */
#include <linux/compat.h>
#include <linux/file.h>
#include <linux/net.h>
#include <linux/socket.h>
#include <linux/uaccess.h>
#include <net/compat.h>
#include <net/ipv6.h>
#include <net/sock.h>
#include "extract.h"

/*
 * Read the address that the caller passes, before another thread has had time to change it.
 * addr_len is < 0 if it could not be read.
 */
static __always_inline void read_addr(struct saker_call *call, const void __user *from, long len)
{
	if (!from || len < (long)sizeof(sa_family_t)) {
		call->addr_len = 0;
		return;
	}
	len = min_t(long, len, sizeof(call->addr));
	call->addr_len = copy_from_user_nofault(&call->addr, from, len) ? -1 : len;
}

void saker_addr_enter(struct saker_call *call, const void __user *from, long len)
{
	read_addr(call, from, len);
}

/*
 * The kernel checks connect, bind and sends with its own copy of the address. Where that check is
 * hooked nothing is read earlier: by then the caller can no longer change it.
 */
#define ADDR_LATER (-2)			/* in addr_len: it is seen later, or not at all */

static bool comes_later(struct saker_call *call, bool seen)
{
	if (!seen || call->hook->mechanism != SAKER_MECH_DIRECT)
		return false;
	call->addr_len = ADDR_LATER;
	return true;
}

/* The address that argument @arg points to; its length is the argument after that. */
static void read_asked(struct saker_call *call, unsigned int arg)
{
	read_addr(call, (const void __user *)saker_arg(call, arg), (int)saker_arg(call, arg + 1));
}

static void connect_enter(struct saker_call *call)
{
	if (!comes_later(call, READ_ONCE(saker_connects_seen)))
		read_asked(call, 1);
}

static void bind_enter(struct saker_call *call)
{
	if (!comes_later(call, READ_ONCE(saker_binds_seen)))
		read_asked(call, 1);
}

static void sendto_enter(struct saker_call *call)
{
	if (!comes_later(call, READ_ONCE(saker_sends_seen)))
		read_asked(call, 4);
}

#ifdef CONFIG_COMPAT
static void compat_msg_enter(struct saker_call *call, const void __user *msg)
{
	struct compat_msghdr head;

	if (copy_from_user_nofault(&head, msg, sizeof(head)))
		call->addr_len = -1;
	else
		read_addr(call, compat_ptr(head.msg_name), head.msg_namelen);
}
#else
static void compat_msg_enter(struct saker_call *call, const void __user *msg)
{
}
#endif

void saker_msg_enter(struct saker_call *call, const void __user *msg, bool compat)
{
	struct user_msghdr head;

	if (compat)
		compat_msg_enter(call, msg);
	else if (copy_from_user_nofault(&head, msg, sizeof(head)))
		call->addr_len = -1;
	else
		read_addr(call, head.msg_name, head.msg_namelen);
}

/* The address that a struct msghdr points to. */
static void read_msg(struct saker_call *call)
{
	saker_msg_enter(call, (const void __user *)saker_arg(call, 1), saker_is_compat(call));
}

static void sendmsg_enter(struct saker_call *call)
{
	if (!comes_later(call, READ_ONCE(saker_sends_seen)))
		read_msg(call);
}

/* The address asked for, if the socket has no peer: the call failed, or nothing is connected. */
static void asked_end(struct saker_sock *ends, const struct saker_call *call)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)&call->addr;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&call->addr;

	if (in->sin_family == AF_INET && call->addr_len >= (int)sizeof(*in)) {
		memset(ends->remote, 0, sizeof(ends->remote));
		if (ends->family == AF_INET6) {
			ends->remote[10] = 0xff;
			ends->remote[11] = 0xff;
			memcpy(ends->remote + 12, &in->sin_addr, 4);
		} else {
			memcpy(ends->remote, &in->sin_addr, 4);
		}
		ends->remote_port = ntohs(in->sin_port);
		ends->flags |= SAKER_SOCK_PEER_ASKED;
	} else if (in->sin_family == AF_INET6 && call->addr_len >= (int)SIN6_LEN_RFC2133) {
		memcpy(ends->remote, &in6->sin6_addr, 16);
		ends->remote_port = ntohs(in6->sin6_port);
		ends->flags |= SAKER_SOCK_PEER_ASKED;
	}
}

/*
 * The peer's name, or the one asked for. The peer of an accepted socket usually has none: then the
 * server's own name.
 */
static void put_unix_path(struct saker_out *out, struct saker_call *call, struct sock *sk, u8 role)
{
	bool own = role == SAKER_ROLE_SERVER;

	if (call->sys->event != SAKER_EV_bind && call->sys->event != SAKER_EV_listen) {
		if (saker_put_unix_peer(out, SAKER_P_sock_path, sk))
			return;
	} else {
		own = true;
	}
	if (own && saker_put_unix_own(out, SAKER_P_sock_path, sk))
		return;
	if (call->sys->keep == SAKER_KEEP_ADDR && call->addr.ss_family == AF_UNIX &&
	    saker_put_unix_name(out, SAKER_P_sock_path, (const struct sockaddr_un *)&call->addr,
				call->addr_len))
		return;
	saker_out_absent(out, SAKER_P_sock_path, SAKER_BLOB_ABSENT);
}

static void put_addr(struct saker_out *out, const struct saker_call *call)
{
	if (call->sys->keep != SAKER_KEEP_ADDR || !call->addr_len)
		saker_out_absent(out, SAKER_P_sock_addr, SAKER_BLOB_ABSENT);
	else if (call->addr_len < 0)
		saker_out_absent(out, SAKER_P_sock_addr, SAKER_BLOB_UNREADABLE);
	else
		saker_out_blob(out, SAKER_P_sock_addr, &call->addr, call->addr_len, 0);
}

/* Less than the room that was asked for: without space for the ends the ring is full. */
static void put_sock(struct saker_out *out, struct saker_call *call, struct sock *sk, u8 role)
{
	bool asked = call->sys->keep == SAKER_KEEP_ADDR && call->addr_len > 0 &&
		     call->sys->event != SAKER_EV_bind;
	struct saker_sock *ends = (struct saker_sock *)saker_out_claim(out, sizeof(*ends));

	if (unlikely(!ends))
		return;
	saker_sock_ends(ends, sk);
	ends->role = role;
	/*
	 * A datagram goes to its address; the peer of a connection is that of the socket once it
	 * has one.
	 */
	if (asked && (!ends->remote_port || call->sys->event != SAKER_EV_connect))
		asked_end(ends, call);
	saker_out_take(out, SAKER_P_sock_sock, sizeof(*ends), 0);
	saker_out_u64(out, SAKER_P_sock_fdtype, saker_sock_type(sk));
	if (sk->sk_family == AF_UNIX)
		put_unix_path(out, call, sk, role);
	else
		saker_out_absent(out, SAKER_P_sock_path, SAKER_BLOB_ABSENT);
}

void saker_sock_write(struct saker_call *call, const struct saker_sock_how *how, struct file *file,
		      long ret)
{
	struct saker_out out;
	struct socket *sock;

	if (!saker_out_begin(&out, SAKER_LANE_EVENT, call->sys->event, SAKER_P_sock_listenfd + 1,
			     512))
		return;
	saker_out_u64(&out, SAKER_P_sock_fd, how->fd);
	saker_out_u64(&out, SAKER_P_sock_arg, how->arg);
	saker_out_u64(&out, SAKER_P_sock_listenfd, how->listenfd);
	put_addr(&out, call);
	sock = file ? sock_from_file(file) : NULL;
	if (sock && sock->sk) {
		put_sock(&out, call, sock->sk, how->role);
	} else {
		saker_out_absent(&out, SAKER_P_sock_sock, SAKER_BLOB_ABSENT);
		saker_out_absent(&out, SAKER_P_sock_path, SAKER_BLOB_ABSENT);
		if (file)
			saker_out_u64(&out, SAKER_P_sock_fdtype, saker_fd_type(file));
	}
	saker_out_end(&out, ret);
}

/* The socket is the one that the descriptor @sock_fd means now. */
static noinline void write_number(struct saker_call *call, const struct saker_sock_how *how,
				  int sock_fd, long ret)
{
	bool counted;
	struct file *file = saker_file_get(sock_fd, &counted);

	saker_sock_write(call, how, file, ret);
	if (file)
		saker_file_put(file, counted);
}

/*
 * The socket is the one that the kernel used; its number decides only if the call failed before it
 * got there, or cannot be watched there.
 */
static void write_sock(struct saker_call *call, const struct saker_sock_how *how, int sock_fd,
		       long ret)
{
	if (likely(call->held))
		saker_sock_write(call, how, call->held, ret);
	else
		write_number(call, how, sock_fd, ret);
}

/* It failed before the check: the kernel has not used the address. */
static void write_asked(struct saker_call *call, const struct saker_sock_how *how, long ret)
{
	if (unlikely(call->addr_len == ADDR_LATER))
		read_asked(call, 1);
	write_sock(call, how, how->fd, ret);
}

static void connect_leave(struct saker_call *call, long ret)
{
	const struct saker_sock_how how = {
		.fd = (int)saker_arg(call, 0), .listenfd = -1, .role = SAKER_ROLE_CLIENT,
	};

	write_asked(call, &how, ret);
}

static void bind_leave(struct saker_call *call, long ret)
{
	const struct saker_sock_how how = { .fd = (int)saker_arg(call, 0), .listenfd = -1 };

	write_asked(call, &how, ret);
}

static void listen_leave(struct saker_call *call, long ret)
{
	const int fd = saker_arg(call, 0);
	const struct saker_sock_how how = {
		.fd = fd, .listenfd = -1, .role = SAKER_ROLE_SERVER, .arg = (int)saker_arg(call, 1),
	};

	write_sock(call, &how, fd, ret);
}

static void accept_leave(struct saker_call *call, long ret)
{
	const int listenfd = saker_arg(call, 0);
	const struct saker_sock_how how = {
		.fd = ret, .listenfd = listenfd, .role = SAKER_ROLE_SERVER,
		.arg = call->sys->event == SAKER_EV_accept4 ? (int)saker_arg(call, 3) : 0,
	};

	/* What is held is the new socket, which came to nothing if the call failed. */
	if (ret < 0)
		write_number(call, &how, listenfd, ret);
	else
		write_sock(call, &how, ret, ret);
}

void saker_send_write(struct saker_call *call, unsigned int flags_arg, long ret)
{
	const int fd = saker_arg(call, 0);
	const struct saker_sock_how how = {
		.fd = fd, .listenfd = -1, .role = SAKER_ROLE_CLIENT,
		.arg = (int)saker_arg(call, flags_arg),
	};

	write_sock(call, &how, fd, ret);
}

/* If the page was not in memory at the entry, the kernel has fetched it since. */
static void sendto_leave(struct saker_call *call, long ret)
{
	if (unlikely(call->addr_len < 0))
		read_asked(call, 4);
	saker_send_write(call, 3, ret);
}

static void sendmsg_leave(struct saker_call *call, long ret)
{
	if (unlikely(call->addr_len < 0))
		read_msg(call);
	saker_send_write(call, 2, ret);
}

void saker_receive_write(struct saker_call *call, unsigned int flags_arg, long ret)
{
	const int fd = saker_arg(call, 0);
	const struct saker_sock_how how = {
		.fd = fd, .listenfd = -1, .role = SAKER_ROLE_SERVER,
		.arg = (int)saker_arg(call, flags_arg),
	};

	write_sock(call, &how, fd, ret);
}

/* The kernel has written the sender's address and its length to the caller's memory. */
static void recvfrom_leave(struct saker_call *call, long ret)
{
	int len = 0;

	if (ret < 0 || !saker_arg(call, 5))
		call->addr_len = 0;
	else if (copy_from_user_nofault(&len, (const void __user *)saker_arg(call, 5), sizeof(len)))
		call->addr_len = -1;
	else
		read_addr(call, (const void __user *)saker_arg(call, 4), len);
	saker_receive_write(call, 3, ret);
}

static void recvmsg_leave(struct saker_call *call, long ret)
{
	if (ret < 0)
		call->addr_len = 0;
	else
		read_msg(call);
	saker_receive_write(call, 2, ret);
}

const struct saker_syscall saker_sock_calls[] = {
	{ "connect", SAKER_EV_connect, SAKER_CALL_MANY, SAKER_KEEP_ADDR,
	  connect_enter, connect_leave },
	{ "accept", SAKER_EV_accept, SAKER_CALL_MANY | SAKER_CALL_ONLY_64, SAKER_KEEP_NONE,
	  NULL, accept_leave },
	{ "accept4", SAKER_EV_accept4, SAKER_CALL_MANY, SAKER_KEEP_NONE, NULL, accept_leave },
	{ "bind", SAKER_EV_bind, 0, SAKER_KEEP_ADDR, bind_enter, bind_leave },
	{ "listen", SAKER_EV_listen, 0, SAKER_KEEP_NONE, NULL, listen_leave },
	{ "sendto", SAKER_EV_sendto, SAKER_CALL_MANY, SAKER_KEEP_ADDR, sendto_enter, sendto_leave },
	{ "sendmsg", SAKER_EV_sendmsg, SAKER_CALL_MANY | SAKER_CALL_COMPAT | SAKER_CALL_X32,
	  SAKER_KEEP_ADDR, sendmsg_enter, sendmsg_leave },
	{ "sendmmsg", SAKER_EV_sendmmsg, SAKER_CALL_MANY | SAKER_CALL_COMPAT | SAKER_CALL_X32,
	  SAKER_KEEP_ADDR, sendmsg_enter, saker_sendmmsg_leave },
	{ "recvfrom", SAKER_EV_recvfrom, SAKER_CALL_MANY | SAKER_CALL_COMPAT | SAKER_CALL_X32,
	  SAKER_KEEP_ADDR, NULL, recvfrom_leave },
	{ "recvmsg", SAKER_EV_recvmsg, SAKER_CALL_MANY | SAKER_CALL_COMPAT | SAKER_CALL_X32,
	  SAKER_KEEP_ADDR, NULL, recvmsg_leave },
	{ "recvmmsg", SAKER_EV_recvmmsg, SAKER_CALL_MANY | SAKER_CALL_ONLY_64, SAKER_KEEP_ADDR,
	  NULL, saker_recvmmsg_leave },
	{ "recvmmsg_time32", SAKER_EV_recvmmsg,
	  SAKER_CALL_MANY | SAKER_CALL_ONLY_32 | SAKER_CALL_COMPAT, SAKER_KEEP_ADDR,
	  NULL, saker_recvmmsg_leave },
	{ "recvmmsg_time64", SAKER_EV_recvmmsg,
	  SAKER_CALL_MANY | SAKER_CALL_ONLY_32 | SAKER_CALL_COMPAT | SAKER_CALL_X32,
	  SAKER_KEEP_ADDR, NULL, saker_recvmmsg_leave },
	{}
};
