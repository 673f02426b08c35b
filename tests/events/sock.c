/* SPDX-License-Identifier: Apache-2.0 */
/* connect, accept, accept4, bind, listen, sendto, sendmsg, sendmmsg, recvfrom, recvmsg. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "check.h"
#include "rings.h"
#include "tests.h"

/* The expected ends; ports chosen by the kernel are read from the socket. */
struct ends {
  int family, type, protocol, role, flags;
  const char *local, *remote;
  unsigned int local_port, remote_port;
};

static void put_address(uint8_t* to, int family, const char* text) {
  if (text && inet_pton(family, text, to) != 1) abort();
}

static void check_ends(const struct saker_rec* rec, const struct ends* ends) {
  struct saker_sock want = {
      .family = (uint16_t)ends->family,
      .type = (uint8_t)ends->type,
      .role = (uint8_t)ends->role,
      .protocol = (uint16_t)ends->protocol,
      .flags = (uint16_t)ends->flags,
      .local_port = (uint16_t)ends->local_port,
      .remote_port = (uint16_t)ends->remote_port,
  };
  const struct saker_sock* got;

  put_address(want.local, ends->family, ends->local);
  put_address(want.remote, ends->family, ends->remote);
  if (!rec || blob_of(rec, SAKER_P_sock_sock)->len != sizeof(want)) {
    check_that(false, "sock_sock: it is there");
    return;
  }
  got = (const void*)((const char*)rec + blob_of(rec, SAKER_P_sock_sock)->off);
  check_number("sock: family", got->family, want.family);
  check_number("sock: type", got->type, want.type);
  check_number("sock: protocol", got->protocol, want.protocol);
  check_number("sock: role", got->role, want.role);
  check_number("sock: flags", got->flags, want.flags);
  check_number("sock: local port", got->local_port, want.local_port);
  check_number("sock: remote port", got->remote_port, want.remote_port);
  check_that(!memcmp(got->local, want.local, 16), "sock: local");
  check_that(!memcmp(got->remote, want.remote, 16), "sock: remote");
  check_number("sock: reserved", got->reserved, 0);
}

static unsigned int port_of(int fd) {
  struct sockaddr_storage addr;
  socklen_t len = sizeof(addr);

  if (getsockname(fd, (struct sockaddr*)&addr, &len)) perror("getsockname");
  return ntohs(((struct sockaddr_in*)&addr)->sin_port);
}

static struct sockaddr_in in4(const char* text, unsigned int port) {
  struct sockaddr_in addr = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};

  put_address((uint8_t*)&addr.sin_addr, AF_INET, text);
  return addr;
}

static struct sockaddr_in6 in6(const char* text, unsigned int port) {
  struct sockaddr_in6 addr = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};

  put_address((uint8_t*)&addr.sin6_addr, AF_INET6, text);
  return addr;
}

/* Server side of TCP, and a client of it: bind, listen, connect, accept4. */
static int server4(unsigned int* port) {
  struct sockaddr_in addr = in4("127.0.0.1", 0);
  const struct saker_rec* rec;
  int fd = socket(AF_INET, SOCK_STREAM, 0);

  CASE("bind, TCP");
  rings_flush();
  bind(fd, (struct sockaddr*)&addr, sizeof(addr));
  *port = port_of(fd);
  rec = rings_take_mine(SAKER_EV_bind);
  HEAD(sock_listenfd);
  RET(0);
  U64(sock_fd, fd);
  U64(sock_fdtype, '4');
  U64(sock_arg, 0);
  U64(sock_listenfd, -1);
  BLOB(sock_addr, &addr, sizeof(addr));
  ABSENT(sock_path);
  check_ends(rec,
             &(struct ends){AF_INET, SOCK_STREAM, IPPROTO_TCP, 0, 0, "127.0.0.1", NULL, *port, 0});

  CASE("listen, TCP");
  rings_flush();
  listen(fd, 5);
  rec = rings_take_mine(SAKER_EV_listen);
  HEAD(sock_listenfd);
  RET(0);
  U64(sock_fd, fd);
  U64(sock_fdtype, '4');
  U64(sock_arg, 5);
  ABSENT(sock_addr);
  ABSENT(sock_path);
  check_ends(rec, &(struct ends){AF_INET, SOCK_STREAM, IPPROTO_TCP, SAKER_ROLE_SERVER, 0,
                                 "127.0.0.1", NULL, *port, 0});
  return fd;
}

static void tcp4(void) {
  const struct saker_rec* rec;
  unsigned int port, own;
  int server = server4(&port), client = socket(AF_INET, SOCK_STREAM, 0), peer;
  struct sockaddr_in addr = in4("127.0.0.1", port);

  CASE("connect, TCP");
  rings_flush();
  connect(client, (struct sockaddr*)&addr, sizeof(addr));
  own = port_of(client);
  rec = rings_take_mine(SAKER_EV_connect);
  HEAD(sock_listenfd);
  RET(0);
  U64(sock_fd, client);
  U64(sock_fdtype, '4');
  U64(sock_listenfd, -1);
  BLOB(sock_addr, &addr, sizeof(addr));
  ABSENT(sock_path);
  check_ends(rec, &(struct ends){AF_INET, SOCK_STREAM, IPPROTO_TCP, SAKER_ROLE_CLIENT,
                                 SAKER_SOCK_CONNECTED, "127.0.0.1", "127.0.0.1", own, port});

  CASE("accept4, TCP");
  rings_flush();
  peer = accept4(server, NULL, NULL, SOCK_CLOEXEC);
  rec = rings_take_mine(SAKER_EV_accept4);
  HEAD(sock_listenfd);
  RET(peer);
  U64(sock_fd, peer);
  U64(sock_listenfd, server);
  U64(sock_fdtype, '4');
  U64(sock_arg, SOCK_CLOEXEC);
  ABSENT(sock_addr);
  ABSENT(sock_path);
  check_ends(rec, &(struct ends){AF_INET, SOCK_STREAM, IPPROTO_TCP, SAKER_ROLE_SERVER,
                                 SAKER_SOCK_CONNECTED, "127.0.0.1", "127.0.0.1", port, own});

  CASE("sendto, connected TCP");
  rings_flush();
  check_that(send(client, "hello", 5, MSG_NOSIGNAL) == 5, "sent");
  rec = rings_take_mine(SAKER_EV_sendto);
  HEAD(sock_listenfd);
  RET(5);
  U64(sock_fd, client);
  U64(sock_arg, MSG_NOSIGNAL);
  ABSENT(sock_addr);
  check_ends(rec, &(struct ends){AF_INET, SOCK_STREAM, IPPROTO_TCP, SAKER_ROLE_CLIENT,
                                 SAKER_SOCK_CONNECTED, "127.0.0.1", "127.0.0.1", own, port});
  close(peer);
  close(client);
  close(server);
}

static void tcp4_not_connected(void) {
  struct sockaddr_in closed = in4("127.0.0.1", 1), away = in4("10.255.255.1", 4444);
  int client = socket(AF_INET, SOCK_STREAM, 0);
  const struct saker_rec* rec;
  long ret;

  CASE("connect, refused");
  rings_flush();
  connect(client, (struct sockaddr*)&closed, sizeof(closed));
  rec = rings_take_mine(SAKER_EV_connect);
  RET(-ECONNREFUSED);
  BLOB(sock_addr, &closed, sizeof(closed));
  if (rec) {
    const struct saker_sock* got =
        (const void*)((const char*)rec + blob_of(rec, SAKER_P_sock_sock)->off);
    check_number("sock: remote port", got->remote_port, 1);
    check_that(!memcmp(got->remote, &closed.sin_addr, 4), "sock: remote");
    check_number("sock: flags", got->flags & SAKER_SOCK_CONNECTED, 0);
  }
  close(client);

  CASE("connect, no route or in progress");
  client = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  rings_flush();
  ret = connect(client, (struct sockaddr*)&away, sizeof(away)) ? -errno : 0;
  rec = rings_take_mine(SAKER_EV_connect);
  RET(ret);
  BLOB(sock_addr, &away, sizeof(away));
  if (rec) {
    const struct saker_sock* got =
        (const void*)((const char*)rec + blob_of(rec, SAKER_P_sock_sock)->off);
    check_number("sock: remote port", got->remote_port, 4444);
    check_that(!memcmp(got->remote, &away.sin_addr, 4), "sock: remote");
  }
  close(client);

  CASE("accept, nobody there");
  client = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  listen(client, 1);
  rings_flush();
  syscall(SYS_accept, client, NULL, NULL);
  rec = rings_take_mine(SAKER_EV_accept);
  HEAD(sock_listenfd);
  RET(-EAGAIN);
  U64(sock_fd, -EAGAIN);
  U64(sock_listenfd, client);
  U64(sock_arg, 0);
  close(client);
}

/* A connection that only began: the SYN goes to a full backlog. */
static void in_progress(void) {
  struct sockaddr_in addr = in4("127.0.0.1", 0);
  int server = socket(AF_INET, SOCK_STREAM, 0), clients[4];
  const struct saker_rec* rec = NULL;
  unsigned int i, port;

  CASE("connect, in progress");
  bind(server, (struct sockaddr*)&addr, sizeof(addr));
  listen(server, 0);
  addr = in4("127.0.0.1", port = port_of(server));
  for (i = 0; i < 4; i++) {
    clients[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    rings_flush();
    connect(clients[i], (struct sockaddr*)&addr, sizeof(addr));
  }
  rec = rings_take_mine(SAKER_EV_connect);
  RET(-EINPROGRESS);
  BLOB(sock_addr, &addr, sizeof(addr));
  check_ends(rec, &(struct ends){AF_INET, SOCK_STREAM, IPPROTO_TCP, SAKER_ROLE_CLIENT, 0,
                                 "127.0.0.1", "127.0.0.1", port_of(clients[3]), port});
  for (i = 0; i < 4; i++) close(clients[i]);
  close(server);
}

static void tcp6(void) {
  struct sockaddr_in6 addr = in6("::1", 0);
  const struct saker_rec* rec;
  int server = socket(AF_INET6, SOCK_STREAM, 0), client = socket(AF_INET6, SOCK_STREAM, 0), peer;
  unsigned int port, own;

  CASE("connect, IPv6");
  bind(server, (struct sockaddr*)&addr, sizeof(addr));
  listen(server, 5);
  addr.sin6_port = htons((uint16_t)(port = port_of(server)));
  rings_flush();
  connect(client, (struct sockaddr*)&addr, sizeof(addr));
  own = port_of(client);
  rec = rings_take_mine(SAKER_EV_connect);
  RET(0);
  U64(sock_fdtype, '6');
  BLOB(sock_addr, &addr, sizeof(addr));
  check_ends(rec, &(struct ends){AF_INET6, SOCK_STREAM, IPPROTO_TCP, SAKER_ROLE_CLIENT,
                                 SAKER_SOCK_CONNECTED, "::1", "::1", own, port});
  CASE("accept, IPv6");
  rings_flush();
  peer = (int)syscall(SYS_accept, server, NULL, NULL);
  rec = rings_take_mine(SAKER_EV_accept);
  RET(peer);
  check_ends(rec, &(struct ends){AF_INET6, SOCK_STREAM, IPPROTO_TCP, SAKER_ROLE_SERVER,
                                 SAKER_SOCK_CONNECTED, "::1", "::1", port, own});
  close(peer);
  close(client);
  close(server);
}

static void mapped(void) {
  struct sockaddr_in6 addr = in6("::ffff:127.0.0.1", 0);
  const struct saker_rec* rec;
  int server = socket(AF_INET6, SOCK_STREAM, 0), client = socket(AF_INET6, SOCK_STREAM, 0);
  unsigned int port, own;

  CASE("connect, IPv4 through an IPv6 socket");
  bind(server, (struct sockaddr*)&addr, sizeof(addr));
  listen(server, 5);
  addr.sin6_port = htons((uint16_t)(port = port_of(server)));
  rings_flush();
  connect(client, (struct sockaddr*)&addr, sizeof(addr));
  own = port_of(client);
  rec = rings_take_mine(SAKER_EV_connect);
  RET(0);
  U64(sock_fdtype, '6');
  check_ends(
      rec, &(struct ends){AF_INET6, SOCK_STREAM, IPPROTO_TCP, SAKER_ROLE_CLIENT,
                          SAKER_SOCK_CONNECTED, "::ffff:127.0.0.1", "::ffff:127.0.0.1", own, port});
  close(client);
  close(server);
}

static void udp(void) {
  struct sockaddr_in to = in4("127.0.0.1", 5353), other = in4("127.0.0.1", 5354);
  struct iovec iov = {.iov_base = "hello", .iov_len = 5};
  struct msghdr msg = {
      .msg_name = &to, .msg_namelen = sizeof(to), .msg_iov = &iov, .msg_iovlen = 1};
  const struct saker_rec* rec;
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  unsigned int own;

  CASE("sendto, UDP");
  rings_flush();
  check_that(sendto(fd, "hello", 5, MSG_DONTWAIT, (struct sockaddr*)&to, sizeof(to)) == 5, "sent");
  own = port_of(fd);
  rec = rings_take_mine(SAKER_EV_sendto);
  HEAD(sock_listenfd);
  RET(5);
  U64(sock_arg, MSG_DONTWAIT);
  BLOB(sock_addr, &to, sizeof(to));
  check_ends(rec, &(struct ends){AF_INET, SOCK_DGRAM, IPPROTO_UDP, SAKER_ROLE_CLIENT,
                                 SAKER_SOCK_PEER_ASKED, NULL, "127.0.0.1", own, 5353});

  CASE("sendmsg, UDP");
  rings_flush();
  check_that(sendmsg(fd, &msg, MSG_DONTWAIT) >= -1, "sent");
  rec = rings_take_mine(SAKER_EV_sendmsg);
  HEAD(sock_listenfd);
  U64(sock_fd, fd);
  U64(sock_arg, MSG_DONTWAIT);
  BLOB(sock_addr, &to, sizeof(to));
  check_ends(rec, &(struct ends){AF_INET, SOCK_DGRAM, IPPROTO_UDP, SAKER_ROLE_CLIENT,
                                 SAKER_SOCK_PEER_ASKED, NULL, "127.0.0.1", own, 5353});

  CASE("connect, UDP");
  rings_flush();
  connect(fd, (struct sockaddr*)&to, sizeof(to));
  rec = rings_take_mine(SAKER_EV_connect);
  RET(0);
  check_ends(rec, &(struct ends){AF_INET, SOCK_DGRAM, IPPROTO_UDP, SAKER_ROLE_CLIENT,
                                 SAKER_SOCK_CONNECTED, "127.0.0.1", "127.0.0.1", own, 5353});

  CASE("sendto, UDP, past the fixed peer");
  rings_flush();
  sendto(fd, "hello", 5, 0, (struct sockaddr*)&other, sizeof(other));
  rec = rings_take_mine(SAKER_EV_sendto);
  check_ends(rec, &(struct ends){AF_INET, SOCK_DGRAM, IPPROTO_UDP, SAKER_ROLE_CLIENT,
                                 SAKER_SOCK_CONNECTED | SAKER_SOCK_PEER_ASKED, "127.0.0.1",
                                 "127.0.0.1", own, 5354});

  CASE("sendmsg, UDP, to the fixed peer");
  msg.msg_name = NULL;
  msg.msg_namelen = 0;
  rings_flush();
  sendmsg(fd, &msg, 0);
  rec = rings_take_mine(SAKER_EV_sendmsg);
  ABSENT(sock_addr);
  check_ends(rec, &(struct ends){AF_INET, SOCK_DGRAM, IPPROTO_UDP, SAKER_ROLE_CLIENT,
                                 SAKER_SOCK_CONNECTED, "127.0.0.1", "127.0.0.1", own, 5353});
  close(fd);
}

/* Many messages in one call: a record each, with its own address and length. */
static void many(void) {
  enum { N = 20, RECORDS = 16 };
  struct sockaddr_in to[N];
  struct mmsghdr messages[N];
  struct iovec iov[N];
  const struct saker_rec* rec;
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  unsigned int own, i;
  uint64_t lost;

  for (i = 0; i < N; i++) {
    to[i] = in4("127.0.0.1", 6000 + i);
    iov[i] = (struct iovec){"0123456789abcdefghij", i + 1};
    messages[i] = (struct mmsghdr){{&to[i], sizeof(to[i]), &iov[i], 1, NULL, 0, 0}, 0};
  }
  messages[1].msg_hdr.msg_namelen = 0;

  CASE("sendmmsg, a message refused");
  check_that(sendmmsg(fd, messages + 1, 1, MSG_DONTWAIT) == -1, "refused");
  rec = rings_take_mine(SAKER_EV_sendmmsg);
  HEAD(sock_listenfd);
  RET(-EDESTADDRREQ);
  ABSENT(sock_addr);

  CASE("sendmmsg, no message");
  check_that(sendmmsg(fd, messages, 0, 0) == 0, "nothing sent");
  rec = rings_take_mine(SAKER_EV_sendmmsg);
  RET(0);
  ABSENT(sock_addr);

  CASE("sendmmsg, more messages than records");
  messages[1].msg_hdr.msg_namelen = sizeof(to[1]);
  rings_flush();
  lost = rings_totals().lost;
  check_that(sendmmsg(fd, messages, N, MSG_DONTWAIT) == N, "all sent");
  own = port_of(fd);
  for (i = 0; i < RECORDS; i++) {
    rec = rings_take_mine(SAKER_EV_sendmmsg);
    HEAD(sock_listenfd);
    RET(i + 1);
    U64(sock_fd, fd);
    U64(sock_arg, MSG_DONTWAIT);
    BLOB(sock_addr, &to[i], sizeof(to[i]));
    check_ends(rec, &(struct ends){AF_INET, SOCK_DGRAM, IPPROTO_UDP, SAKER_ROLE_CLIENT,
                                   SAKER_SOCK_PEER_ASKED, NULL, "127.0.0.1", own, 6000 + i});
  }
  check_that(!rings_take_mine(SAKER_EV_sendmmsg), "no more records");
  check_that(rings_totals().lost == lost + N - RECORDS, "the others are counted as lost");
  close(fd);
}

/* Likewise received: the sender of each, where the caller asks. */
static void many_received(void) {
  enum { N = 18, RECORDS = 16 };
  struct sockaddr_in from[N], here = in4("127.0.0.1", 0);
  struct mmsghdr messages[N];
  struct iovec iov[N];
  char bytes[N][32];
  const struct saker_rec* rec;
  int to = socket(AF_INET, SOCK_DGRAM, 0), by = socket(AF_INET, SOCK_DGRAM, 0);
  unsigned int sender, own, i;
  uint64_t lost;

  bind(to, (struct sockaddr*)&here, sizeof(here));
  here = in4("127.0.0.1", own = port_of(to));
  for (i = 0; i < N; i++) {
    sendto(by, "0123456789abcdefghij", i + 1, 0, (struct sockaddr*)&here, sizeof(here));
    iov[i] = (struct iovec){bytes[i], sizeof(bytes[i])};
    messages[i] = (struct mmsghdr){{&from[i], sizeof(from[i]), &iov[i], 1, NULL, 0, 0}, 0};
  }
  messages[1].msg_hdr.msg_name = NULL;
  sender = port_of(by);

  CASE("recvmmsg, more messages than records");
  rings_flush();
  lost = rings_totals().lost;
  check_that(recvmmsg(to, messages, N, MSG_DONTWAIT, NULL) == N, "all received");
  for (i = 0; i < RECORDS; i++) {
    rec = rings_take_mine(SAKER_EV_recvmmsg);
    HEAD(sock_listenfd);
    RET(i + 1);
    U64(sock_fd, to);
    U64(sock_arg, MSG_DONTWAIT);
    if (i == 1) {
      ABSENT(sock_addr);
      continue;
    }
    BLOB(sock_addr, &from[i], sizeof(from[i]));
    check_ends(rec, &(struct ends){AF_INET, SOCK_DGRAM, IPPROTO_UDP, SAKER_ROLE_SERVER,
                                   SAKER_SOCK_PEER_ASKED, "127.0.0.1", "127.0.0.1", own, sender});
  }
  check_that(!rings_take_mine(SAKER_EV_recvmmsg), "no more records");
  check_that(rings_totals().lost == lost + N - RECORDS, "the others are counted as lost");

  CASE("recvmmsg, no message");
  rings_flush();
  check_that(recvmmsg(to, messages, N, MSG_DONTWAIT, NULL) == -1, "none");
  rec = rings_take_mine(SAKER_EV_recvmmsg);
  HEAD(sock_listenfd);
  RET(-EAGAIN);
  U64(sock_fd, to);
  ABSENT(sock_addr);
  check_that(!rings_take_mine(SAKER_EV_recvmmsg), "one record");
  close(to);
  close(by);
}

/* What is received says where it came from, if the caller asks. */
static void received(void) {
  struct sockaddr_in from, here = in4("127.0.0.1", 0);
  char bytes[8];
  struct iovec iov = {.iov_base = bytes, .iov_len = sizeof(bytes)};
  struct msghdr msg = {
      .msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &iov, .msg_iovlen = 1};
  int to = socket(AF_INET, SOCK_DGRAM, 0), sender = socket(AF_INET, SOCK_DGRAM, 0), i;
  socklen_t len = sizeof(here);
  const struct saker_rec* rec;
  unsigned int own, peer;

  bind(to, (struct sockaddr*)&here, len);
  getsockname(to, (struct sockaddr*)&here, &len);
  own = port_of(to);
  for (i = 0; i < 3; i++) sendto(sender, "hello", 5, 0, (struct sockaddr*)&here, len);
  peer = port_of(sender);

  CASE("recvfrom, UDP");
  rings_flush();
  check_that(recvfrom(to, bytes, sizeof(bytes), 0, (struct sockaddr*)&from, &len) == 5, "received");
  rec = rings_take_mine(SAKER_EV_recvfrom);
  HEAD(sock_listenfd);
  RET(5);
  U64(sock_fd, to);
  U64(sock_fdtype, SAKER_FD_IPV4);
  U64(sock_arg, 0);
  BLOB(sock_addr, &from, sizeof(from));
  check_ends(rec, &(struct ends){AF_INET, SOCK_DGRAM, IPPROTO_UDP, SAKER_ROLE_SERVER,
                                 SAKER_SOCK_PEER_ASKED, "127.0.0.1", "127.0.0.1", own, peer});

  CASE("recvmsg, UDP");
  rings_flush();
  check_that(recvmsg(to, &msg, MSG_DONTWAIT) == 5, "received");
  rec = rings_take_mine(SAKER_EV_recvmsg);
  HEAD(sock_listenfd);
  U64(sock_arg, MSG_DONTWAIT);
  BLOB(sock_addr, &from, sizeof(from));
  check_ends(rec, &(struct ends){AF_INET, SOCK_DGRAM, IPPROTO_UDP, SAKER_ROLE_SERVER,
                                 SAKER_SOCK_PEER_ASKED, "127.0.0.1", "127.0.0.1", own, peer});

  CASE("recvfrom, the sender not asked for");
  rings_flush();
  recv(to, bytes, sizeof(bytes), 0);
  rec = rings_take_mine(SAKER_EV_recvfrom);
  RET(5);
  ABSENT(sock_addr);
  check_ends(rec, &(struct ends){AF_INET, SOCK_DGRAM, IPPROTO_UDP, SAKER_ROLE_SERVER, 0,
                                 "127.0.0.1", NULL, own, 0});

  CASE("recvfrom, nothing there");
  rings_flush();
  recvfrom(to, bytes, sizeof(bytes), MSG_DONTWAIT, (struct sockaddr*)&from, &len);
  rec = rings_take_mine(SAKER_EV_recvfrom);
  RET(-EAGAIN);
  U64(sock_arg, MSG_DONTWAIT);
  ABSENT(sock_addr);
  close(to);
  close(sender);
}

static socklen_t un_address(struct sockaddr_un* addr, const char* name) {
  *addr = (struct sockaddr_un){.sun_family = AF_UNIX};
  strcpy(addr->sun_path, name);
  if (name[0] != '@') return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name) + 1);
  addr->sun_path[0] = 0;
  return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));
}

/* Named by a path, and by an abstract name. */
static void unix_sockets(const char* name) {
  const struct ends stream = {.family = AF_UNIX, .type = SOCK_STREAM};
  struct ends ends = stream;
  const struct saker_rec* rec;
  struct sockaddr_un addr;
  socklen_t len = un_address(&addr, name);
  int server = socket(AF_UNIX, SOCK_STREAM, 0), client = socket(AF_UNIX, SOCK_STREAM, 0), peer;

  CASE("bind, unix %s", name);
  rings_flush();
  bind(server, (struct sockaddr*)&addr, len);
  rec = rings_take_mine(SAKER_EV_bind);
  RET(0);
  U64(sock_fdtype, 'u');
  STR(sock_path, name);
  BLOB(sock_addr, &addr, len);
  check_ends(rec, &stream);

  CASE("listen, unix %s", name);
  rings_flush();
  listen(server, 3);
  rec = rings_take_mine(SAKER_EV_listen);
  STR(sock_path, name);

  CASE("connect, unix %s", name);
  rings_flush();
  connect(client, (struct sockaddr*)&addr, len);
  rec = rings_take_mine(SAKER_EV_connect);
  RET(0);
  STR(sock_path, name);
  BLOB(sock_addr, &addr, len);
  ends.role = SAKER_ROLE_CLIENT;
  ends.flags = SAKER_SOCK_CONNECTED;
  check_ends(rec, &ends);

  CASE("accept, unix %s", name);
  rings_flush();
  peer = accept4(server, NULL, NULL, 0);
  rec = rings_take_mine(SAKER_EV_accept4);
  RET(peer);
  STR(sock_path, name);
  ends.role = SAKER_ROLE_SERVER;
  check_ends(rec, &ends);
  close(peer);
  close(client);
  close(server);

  CASE("connect, unix %s, nobody there", name);
  client = socket(AF_UNIX, SOCK_STREAM, 0);
  rings_flush();
  connect(client, (struct sockaddr*)&addr, len);
  rec = rings_take_mine(SAKER_EV_connect);
  RET(-ECONNREFUSED);
  STR(sock_path, name);
  ends = stream;
  ends.role = SAKER_ROLE_CLIENT;
  check_ends(rec, &ends);
  close(client);
}

static void wrong(void) {
  int fd = socket(AF_INET, SOCK_STREAM, 0), file = open("/tmp/t/dir/file", O_RDONLY);
  struct sockaddr_in addr = in4("127.0.0.1", 1);
  const struct saker_rec* rec;

  CASE("connect, address not mapped");
  rings_flush();
  syscall(SYS_connect, fd, 8, sizeof(addr));
  rec = rings_take_mine(SAKER_EV_connect);
  RET(-EFAULT);
  UNREADABLE(sock_addr);
  check_ends(rec, &(struct ends){AF_INET, SOCK_STREAM, IPPROTO_TCP, SAKER_ROLE_CLIENT, 0, NULL,
                                 NULL, 0, 0});

  CASE("connect, not a socket");
  rings_flush();
  connect(file, (struct sockaddr*)&addr, sizeof(addr));
  rec = rings_take_mine(SAKER_EV_connect);
  RET(-ENOTSOCK);
  U64(sock_fdtype, 'f');
  ABSENT(sock_sock);
  ABSENT(sock_path);
  BLOB(sock_addr, &addr, sizeof(addr));

  CASE("connect, no such descriptor");
  rings_flush();
  connect(777, (struct sockaddr*)&addr, sizeof(addr));
  rec = rings_take_mine(SAKER_EV_connect);
  RET(-EBADF);
  U64(sock_fd, 777);
  U64(sock_fdtype, SAKER_FD_NONE);
  ABSENT(sock_sock);

  CASE("sendmsg, message not mapped");
  rings_flush();
  syscall(SYS_sendmsg, fd, 8, 0);
  rec = rings_take_mine(SAKER_EV_sendmsg);
  RET(-EFAULT);
  UNREADABLE(sock_addr);
  close(fd);
  close(file);
}

void test_sock(void) {
  tcp4();
  tcp4_not_connected();
  in_progress();
  tcp6();
  mapped();
  udp();
  many();
  many_received();
  received();
  unix_sockets("/tmp/t/sock");
  unix_sockets("@saker-test");
  wrong();
}
