/* SPDX-License-Identifier: Apache-2.0 */
/* connect, accept, accept4, bind, listen, sendto, sendmsg, recvfrom, recvmsg. */
#define _GNU_SOURCE
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
#include "ends.h"
#include "rings.h"
#include "tests.h"

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
  received();
  unix_sockets("/tmp/t/sock");
  unix_sockets("@saker-test");
  wrong();
}
