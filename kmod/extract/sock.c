// SPDX-License-Identifier: GPL-2.0-only
/*
 * connect, accept, accept4, bind, listen, sendto, sendmsg, recvfrom, recvmsg, and with mmsg.c
 * sendmmsg and recvmmsg: both ends of the socket at the exit, the address asked for from the entry, the sender's
 * from the exit.
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
 * connect and bind: the kernel checks them with the socket that it has found and with its own copy
 * of the address. Where that check is hooked nothing is read earlier: by then the caller can no
 * longer change the address, nor which socket is used.
 */
bool saker_connects_seen __read_mostly;
bool saker_binds_seen __read_mostly;

#define ADDR_LATER (-2)			/* in addr_len: it is seen later, or not at all */

static void read_asked(struct saker_call *call)
{
	read_addr(call, (const void __user *)saker_arg(call, 1), (int)saker_arg(call, 2));
}

static void addr_enter(struct saker_call *call, bool seen)
{
	call->sock = NULL;
	if (seen && call->hook->mechanism == SAKER_MECH_DIRECT)
		call->addr_len = ADDR_LATER;
	else
		read_asked(call);
}

static void connect_enter(struct saker_call *call)
{
	addr_enter(call, READ_ONCE(saker_connects_seen));
}

static void bind_enter(struct saker_call *call)
{
	addr_enter(call, READ_ONCE(saker_binds_seen));
}

#define SHORT 16			/* an IPv4 address */

/* (socket, address, its length); the address is in a struct sockaddr_storage of the call. */
static __always_inline void see_addr(const unsigned long *args, u16 event)
{
	struct saker_call *call = saker_direct_call();

	/* If the arguments of a socketcall could not be read, its event is known later. */
	if (!call || (call->sys->event != event && !call->sys->events))
		return;
	call->sock = (const struct socket *)args[0];
	call->addr_len = clamp_t(int, args[2], 0, sizeof(call->addr));
	if (likely(call->addr_len <= SHORT))
		memcpy(&call->addr, (const void *)args[1], SHORT);
	else
		memcpy(&call->addr, (const void *)args[1], call->addr_len);
}

void saker_see_connect(const unsigned long *args)
{
	see_addr(args, SAKER_EV_connect);
}

void saker_see_bind(const unsigned long *args)
{
	see_addr(args, SAKER_EV_bind);
}

static void sendto_enter(struct saker_call *call)
{
	read_addr(call, (const void __user *)saker_arg(call, 4), (int)saker_arg(call, 5));
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
static void sendmsg_enter(struct saker_call *call)
{
	saker_msg_enter(call, (const void __user *)saker_arg(call, 1), saker_is_compat(call));
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

static void put_sock(struct saker_out *out, struct saker_call *call, struct sock *sk, u8 role)
{
	bool asked = call->sys->keep == SAKER_KEEP_ADDR && call->addr_len > 0 &&
		     call->sys->event != SAKER_EV_bind;
	struct saker_sock ends;

	saker_sock_ends(&ends, sk);
	ends.role = role;
	/*
	 * A datagram goes to its address; the peer of a connection is that of the socket once it
	 * has one.
	 */
	if (asked && (!ends.remote_port || call->sys->event != SAKER_EV_connect))
		asked_end(&ends, call);
	saker_out_blob(out, SAKER_P_sock_sock, &ends, sizeof(ends), 0);
	saker_out_u64(out, SAKER_P_sock_fdtype, saker_sock_type(sk));
	if (sk->sk_family == AF_UNIX)
		put_unix_path(out, call, sk, role);
	else
		saker_out_absent(out, SAKER_P_sock_path, SAKER_BLOB_ABSENT);
}

static __always_inline bool begin_sock(struct saker_out *out, struct saker_call *call,
				       const struct saker_sock_how *how)
{
	if (!saker_out_begin(out, SAKER_LANE_EVENT, call->sys->event, SAKER_P_sock_listenfd + 1,
			     512))
		return false;
	saker_out_u64(out, SAKER_P_sock_fd, how->fd);
	saker_out_u64(out, SAKER_P_sock_arg, how->arg);
	saker_out_u64(out, SAKER_P_sock_listenfd, how->listenfd);
	put_addr(out, call);
	return true;
}

static __always_inline void write_file(struct saker_call *call, const struct saker_sock_how *how,
				       struct file *file, long ret)
{
	struct saker_out out;
	struct socket *sock;

	if (!begin_sock(&out, call, how))
		return;
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

void saker_sock_write(struct saker_call *call, const struct saker_sock_how *how, struct file *file,
		      long ret)
{
	write_file(call, how, file, ret);
}

/* The socket is the one that the descriptor @sock_fd means now. */
static void write_sock(struct saker_call *call, const struct saker_sock_how *how, int sock_fd,
		       long ret)
{
	bool counted;
	struct file *file = saker_file_get(sock_fd, &counted);

	write_file(call, how, file, ret);
	if (file)
		saker_file_put(file, counted);
}

/* The local end that bind sets. */
static void bound_end(struct saker_sock *ends, const struct saker_call *call)
{
	struct saker_sock asked = { .family = ends->family };

	asked_end(&asked, call);
	memcpy(ends->local, asked.remote, sizeof(ends->local));
	ends->local_port = asked.remote_port;
}

/*
 * The descriptor means another file by now. Only the address is known of the socket that the kernel
 * used.
 */
static noinline void write_swapped(struct saker_call *call, const struct saker_sock_how *how,
				   long ret)
{
	struct saker_sock ends = {
		.family = call->addr.ss_family, .role = how->role,
		.flags = ret == 0 && call->sys->event == SAKER_EV_connect ?
			 SAKER_SOCK_CONNECTED : 0,
	};
	struct saker_out out;

	if (!begin_sock(&out, call, how))
		return;
	if (call->sys->event == SAKER_EV_bind)
		bound_end(&ends, call);
	else
		asked_end(&ends, call);
	saker_out_blob(&out, SAKER_P_sock_sock, &ends, sizeof(ends), 0);
	saker_out_u64(&out, SAKER_P_sock_fdtype, saker_family_type(ends.family));
	if (ends.family != AF_UNIX ||
	    !saker_put_unix_name(&out, SAKER_P_sock_path, (const struct sockaddr_un *)&call->addr,
				 call->addr_len))
		saker_out_absent(&out, SAKER_P_sock_path, SAKER_BLOB_ABSENT);
	saker_out_end(&out, ret);
}

/* Of connect and bind: the socket that was seen, if its descriptor still means it. */
static void write_seen(struct saker_call *call, const struct saker_sock_how *how, long ret)
{
	struct file *file;
	bool counted;

	/* It failed before the check: the kernel has not used the address. */
	if (unlikely(call->addr_len == ADDR_LATER))
		read_asked(call);
	file = saker_file_get(how->fd, &counted);
	if (unlikely(call->sock && (!file || sock_from_file(file) != call->sock)))
		write_swapped(call, how, ret);
	else
		write_file(call, how, file, ret);
	if (file)
		saker_file_put(file, counted);
}

static void connect_leave(struct saker_call *call, long ret)
{
	const struct saker_sock_how how = {
		.fd = (int)saker_arg(call, 0), .listenfd = -1, .role = SAKER_ROLE_CLIENT,
	};

	write_seen(call, &how, ret);
}

static void bind_leave(struct saker_call *call, long ret)
{
	const struct saker_sock_how how = { .fd = (int)saker_arg(call, 0), .listenfd = -1 };

	write_seen(call, &how, ret);
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

	write_sock(call, &how, ret < 0 ? listenfd : ret, ret);
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
		sendto_enter(call);
	saker_send_write(call, 3, ret);
}

static void sendmsg_leave(struct saker_call *call, long ret)
{
	if (unlikely(call->addr_len < 0))
		sendmsg_enter(call);
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
		sendmsg_enter(call);
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
	  SAKER_KEEP_ADDR, saker_sendmmsg_enter, saker_sendmmsg_leave },
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
