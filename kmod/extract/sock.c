// SPDX-License-Identifier: GPL-2.0-only
/* connect, accept, accept4, bind, listen, sendto, sendmsg: both ends from the socket, the address asked for from entry. */
#include <linux/file.h>
#include <linux/net.h>
#include <linux/socket.h>
#include <linux/uaccess.h>
#include <net/af_unix.h>
#include <net/inet_sock.h>
#include <net/ipv6.h>
#include <net/sock.h>
#include "extract.h"

#define UNIX_PATH offsetof(struct sockaddr_un, sun_path)

u32 saker_sock_type(const struct sock *sk)
{
	switch (sk->sk_family) {
	case AF_INET:
		return SAKER_FD_IPV4;
	case AF_INET6:
		return SAKER_FD_IPV6;
	case AF_UNIX:
		return SAKER_FD_UNIX;
	case AF_NETLINK:
		return SAKER_FD_NETLINK;
	default:
		return SAKER_FD_OTHER;
	}
}

/* The address that the caller passes, before another thread has had time to change it. addr_len < 0: not readable. */
static void read_addr(struct saker_call *call, const void __user *from, long len)
{
	if (!from || len < (long)sizeof(sa_family_t)) {
		call->addr_len = 0;
		return;
	}
	len = min_t(long, len, sizeof(call->addr));
	call->addr_len = copy_from_user_nofault(&call->addr, from, len) ? -1 : len;
}

static void addr_enter(struct saker_call *call)
{
	read_addr(call, (const void __user *)saker_arg(call, 1), (int)saker_arg(call, 2));
}

static void sendto_enter(struct saker_call *call)
{
	read_addr(call, (const void __user *)saker_arg(call, 4), (int)saker_arg(call, 5));
}

static void sendmsg_enter(struct saker_call *call)
{
	const struct user_msghdr __user *msg = (const void __user *)saker_arg(call, 1);
	struct user_msghdr head;

	if (copy_from_user_nofault(&head, msg, sizeof(head)))
		call->addr_len = -1;
	else
		read_addr(call, head.msg_name, head.msg_namelen);
}

static void inet_ends(struct saker_sock *ends, const struct sock *sk)
{
	const struct inet_sock *inet = inet_sk(sk);
	__be32 local = inet->inet_rcv_saddr ?: inet->inet_saddr;

	memcpy(ends->local, &local, sizeof(local));
	memcpy(ends->remote, &inet->inet_daddr, sizeof(inet->inet_daddr));
	ends->local_port = ntohs(inet->inet_sport);
	ends->remote_port = ntohs(inet->inet_dport);
}

#if IS_ENABLED(CONFIG_IPV6)
static void inet6_ends(struct saker_sock *ends, const struct sock *sk)
{
	const struct inet_sock *inet = inet_sk(sk);
	const struct in6_addr *local = &sk->sk_v6_rcv_saddr;

	if (ipv6_addr_any(local) && inet->pinet6)
		local = &inet->pinet6->saddr;
	memcpy(ends->local, local, sizeof(*local));
	memcpy(ends->remote, &sk->sk_v6_daddr, sizeof(sk->sk_v6_daddr));
	ends->local_port = ntohs(inet->inet_sport);
	ends->remote_port = ntohs(inet->inet_dport);
}
#endif

/* The address asked for stands in for a peer that the socket does not have: the call failed, or nothing is connected. */
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

static bool connected(const struct sock *sk)
{
	return READ_ONCE(sk->sk_state) == TCP_ESTABLISHED;
}

static void sock_ends(struct saker_sock *ends, const struct sock *sk)
{
	*ends = (struct saker_sock){
		.family = sk->sk_family,
		.type = sk->sk_type,
		.protocol = sk->sk_protocol,
		.flags = connected(sk) ? SAKER_SOCK_CONNECTED : 0,
	};
	if (sk->sk_family == AF_INET)
		inet_ends(ends, sk);
#if IS_ENABLED(CONFIG_IPV6)
	else if (sk->sk_family == AF_INET6)
		inet6_ends(ends, sk);
#endif
}

/* As the kernel keeps it: a path ends at its NUL, an abstract name begins with one and has a length. */
static bool put_unix_name(struct saker_out *out, const struct sockaddr_un *name, int len)
{
	char *buf = saker_out_scratch(out);
	int size = len - (int)UNIX_PATH;

	if (size <= 0)
		return false;
	if (name->sun_path[0]) {
		saker_out_blob(out, SAKER_P_sock_path, name->sun_path, strnlen(name->sun_path, size), 0);
		return true;
	}
	memcpy(buf, name->sun_path, size);
	buf[0] = '@';
	saker_out_blob(out, SAKER_P_sock_path, buf, size, 0);
	return true;
}

static bool put_unix_own(struct saker_out *out, const struct sock *sk)
{
	const struct unix_address *addr = smp_load_acquire(&unix_sk(sk)->addr);

	return addr && put_unix_name(out, addr->name, addr->len);
}

static bool put_unix_peer(struct saker_out *out, struct sock *sk)
{
	struct sock *peer = unix_peer_get(sk);
	bool named;

	if (!peer)
		return false;
	named = put_unix_own(out, peer);
	sock_put(peer);
	return named;
}

/* The peer's name, or that asked for; an accepted socket's peer has none as a rule, so the server's own then. */
static void put_unix_path(struct saker_out *out, struct saker_call *call, struct sock *sk, u8 role)
{
	bool own = role == SAKER_ROLE_SERVER;

	if (call->hook->sys->event != SAKER_EV_bind && call->hook->sys->event != SAKER_EV_listen) {
		if (put_unix_peer(out, sk))
			return;
	} else {
		own = true;
	}
	if (own && put_unix_own(out, sk))
		return;
	if (call->hook->sys->keep == SAKER_KEEP_ADDR && call->addr.ss_family == AF_UNIX &&
	    put_unix_name(out, (const struct sockaddr_un *)&call->addr, call->addr_len))
		return;
	saker_out_absent(out, SAKER_P_sock_path, SAKER_BLOB_ABSENT);
}

static void put_addr(struct saker_out *out, const struct saker_call *call)
{
	if (call->hook->sys->keep != SAKER_KEEP_ADDR || !call->addr_len)
		saker_out_absent(out, SAKER_P_sock_addr, SAKER_BLOB_ABSENT);
	else if (call->addr_len < 0)
		saker_out_absent(out, SAKER_P_sock_addr, SAKER_BLOB_UNREADABLE);
	else
		saker_out_blob(out, SAKER_P_sock_addr, &call->addr, call->addr_len, 0);
}

static void put_sock(struct saker_out *out, struct saker_call *call, struct sock *sk, u8 role)
{
	bool asked = call->hook->sys->keep == SAKER_KEEP_ADDR && call->addr_len > 0 &&
		     call->hook->sys->event != SAKER_EV_bind;
	struct saker_sock ends;

	sock_ends(&ends, sk);
	ends.role = role;
	/* A datagram goes where its address says; a connection, where the socket says once it knows. */
	if (asked && (!ends.remote_port || call->hook->sys->event != SAKER_EV_connect))
		asked_end(&ends, call);
	saker_out_blob(out, SAKER_P_sock_sock, &ends, sizeof(ends), 0);
	saker_out_u64(out, SAKER_P_sock_fdtype, saker_sock_type(sk));
	if (sk->sk_family == AF_UNIX)
		put_unix_path(out, call, sk, role);
	else
		saker_out_absent(out, SAKER_P_sock_path, SAKER_BLOB_ABSENT);
}

struct how {
	int fd;			/* the parameter, */
	int sock_fd;		/* and where the socket is found */
	int listenfd;
	u8 role;
	s64 arg;
};

static void write_sock(struct saker_call *call, const struct how *how, long ret)
{
	struct saker_out out;
	struct file *file;
	struct socket *sock;

	if (!saker_out_begin(&out, SAKER_LANE_EVENT, call->hook->sys->event,
			     SAKER_P_sock_listenfd + 1, 512))
		return;
	saker_out_u64(&out, SAKER_P_sock_fd, how->fd);
	saker_out_u64(&out, SAKER_P_sock_arg, how->arg);
	saker_out_u64(&out, SAKER_P_sock_listenfd, how->listenfd);
	put_addr(&out, call);
	file = fget_raw(how->sock_fd);
	sock = file ? sock_from_file(file) : NULL;
	if (sock && sock->sk) {
		put_sock(&out, call, sock->sk, how->role);
	} else {
		saker_out_absent(&out, SAKER_P_sock_sock, SAKER_BLOB_ABSENT);
		saker_out_absent(&out, SAKER_P_sock_path, SAKER_BLOB_ABSENT);
		if (file)
			saker_out_u64(&out, SAKER_P_sock_fdtype, saker_fd_type(file));
	}
	if (file)
		fput(file);
	saker_out_end(&out, ret);
}

static void client_leave(struct saker_call *call, long ret)
{
	const int fd = saker_arg(call, 0);
	const struct how how = { .fd = fd, .sock_fd = fd, .listenfd = -1, .role = SAKER_ROLE_CLIENT };

	write_sock(call, &how, ret);
}

static void bind_leave(struct saker_call *call, long ret)
{
	const int fd = saker_arg(call, 0);
	const struct how how = { .fd = fd, .sock_fd = fd, .listenfd = -1 };

	write_sock(call, &how, ret);
}

static void listen_leave(struct saker_call *call, long ret)
{
	const int fd = saker_arg(call, 0);
	const struct how how = {
		.fd = fd, .sock_fd = fd, .listenfd = -1, .role = SAKER_ROLE_SERVER, .arg = (int)saker_arg(call, 1),
	};

	write_sock(call, &how, ret);
}

static void accept_leave(struct saker_call *call, long ret)
{
	const int listenfd = saker_arg(call, 0);
	const struct how how = {
		.fd = ret, .sock_fd = ret < 0 ? listenfd : ret, .listenfd = listenfd, .role = SAKER_ROLE_SERVER,
		.arg = call->hook->sys->event == SAKER_EV_accept4 ? (int)saker_arg(call, 3) : 0,
	};

	write_sock(call, &how, ret);
}

static void sendto_leave(struct saker_call *call, long ret)
{
	const int fd = saker_arg(call, 0);
	const struct how how = {
		.fd = fd, .sock_fd = fd, .listenfd = -1, .role = SAKER_ROLE_CLIENT, .arg = (int)saker_arg(call, 3),
	};

	write_sock(call, &how, ret);
}

static void sendmsg_leave(struct saker_call *call, long ret)
{
	const int fd = saker_arg(call, 0);
	const struct how how = {
		.fd = fd, .sock_fd = fd, .listenfd = -1, .role = SAKER_ROLE_CLIENT, .arg = (int)saker_arg(call, 2),
	};

	write_sock(call, &how, ret);
}

const struct saker_syscall saker_sock_calls[] = {
	{ "connect", SAKER_EV_connect, SAKER_CALL_MANY, SAKER_KEEP_ADDR, addr_enter, client_leave },
	{ "accept", SAKER_EV_accept, SAKER_CALL_MANY, SAKER_KEEP_NONE, NULL, accept_leave },
	{ "accept4", SAKER_EV_accept4, SAKER_CALL_MANY, SAKER_KEEP_NONE, NULL, accept_leave },
	{ "bind", SAKER_EV_bind, 0, SAKER_KEEP_ADDR, addr_enter, bind_leave },
	{ "listen", SAKER_EV_listen, SAKER_CALL_DIRECT, SAKER_KEEP_NONE, NULL, listen_leave },
	{ "sendto", SAKER_EV_sendto, SAKER_CALL_MANY, SAKER_KEEP_ADDR, sendto_enter, sendto_leave },
	{ "sendmsg", SAKER_EV_sendmsg, SAKER_CALL_MANY, SAKER_KEEP_ADDR, sendmsg_enter, sendmsg_leave },
	{}
};
