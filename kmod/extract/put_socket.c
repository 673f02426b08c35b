// SPDX-License-Identifier: GPL-2.0-only
/* What a socket is: its family, its two ends, its name. */
#include <linux/net.h>
#include <net/af_unix.h>
#include <net/inet_sock.h>
#include <net/ipv6.h>
#include <net/sock.h>
#include "extract.h"

#define UNIX_PATH offsetof(struct sockaddr_un, sun_path)

u32 saker_family_type(u16 family)
{
	switch (family) {
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

static bool connected(const struct sock *sk)
{
	return READ_ONCE(sk->sk_state) == TCP_ESTABLISHED;
}

void saker_sock_ends(struct saker_sock *ends, const struct sock *sk)
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

/*
 * As the kernel stores it: a path ends at its NUL, an abstract name begins with one and has a
 * length.
 */
bool saker_put_unix_name(struct saker_out *out, unsigned int slot, const struct sockaddr_un *name,
			 int len)
{
	char *buf = saker_out_scratch(out);
	int size = len - (int)UNIX_PATH;

	if (size <= 0)
		return false;
	if (name->sun_path[0]) {
		saker_out_blob(out, slot, name->sun_path, strnlen(name->sun_path, size), 0);
		return true;
	}
	memcpy(buf, name->sun_path, size);
	buf[0] = '@';
	saker_out_blob(out, slot, buf, size, 0);
	return true;
}

bool saker_put_unix_own(struct saker_out *out, unsigned int slot, const struct sock *sk)
{
	/* pairs with the release in the kernel's unix_bind */
	const struct unix_address *addr = smp_load_acquire(&unix_sk(sk)->addr);

	return addr && saker_put_unix_name(out, slot, addr->name, addr->len);
}

bool saker_put_unix_peer(struct saker_out *out, unsigned int slot, struct sock *sk)
{
	struct sock *peer = unix_peer_get(sk);
	bool named;

	if (!peer)
		return false;
	named = saker_put_unix_own(out, slot, peer);
	sock_put(peer);
	return named;
}
