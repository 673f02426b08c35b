/* SPDX-License-Identifier: Apache-2.0 */
/* sendmmsg, recvmmsg. */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"
#include "ends.h"
#include "rings.h"
#include "tests.h"

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

void test_mmsg(void) {
  many();
  many_received();
}
