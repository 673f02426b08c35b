/* SPDX-License-Identifier: Apache-2.0 */
/* socket, userfaultfd: calls that make a descriptor of nothing that has a name. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "check.h"
#include "rings.h"
#include "tests.h"

static const struct {
  const char* name;
  int domain, type, protocol, made;
  char fdtype;
} kinds[] = {
    {"socket, IPv4", AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP, AF_INET, SAKER_FD_IPV4},
    {"socket, IPv6", AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK, 0, AF_INET6, SAKER_FD_IPV6},
    {"socket, unix", AF_UNIX, SOCK_SEQPACKET, 0, AF_UNIX, SAKER_FD_UNIX},
    {"socket, netlink", AF_NETLINK, SOCK_RAW, 0, AF_NETLINK, SAKER_FD_NETLINK},
    {"socket, packets", AF_PACKET, SOCK_RAW, ETH_P_ALL << 8, AF_PACKET, SAKER_FD_OTHER},
    /* Another name of the same: a rule on AF_PACKET must see it. */
    {"socket, packets by the old name", AF_INET, SOCK_PACKET, ETH_P_ALL << 8, AF_PACKET,
     SAKER_FD_OTHER},
};

static void sockets(void) {
  const struct saker_rec* rec;
  unsigned int i;
  int fd;

  for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
    CASE("%s", kinds[i].name);
    rings_flush();
    fd = socket(kinds[i].domain, kinds[i].type, kinds[i].protocol);
    rec = rings_take_mine(SAKER_EV_socket);
    check_that(fd >= 0, "the kernel makes one");
    HEAD(socket_fdtype);
    RET(fd);
    U64(socket_fd, fd);
    U64(socket_domain, kinds[i].made);
    U64(socket_type, kinds[i].type);
    U64(socket_proto, kinds[i].protocol);
    U64(socket_fdtype, kinds[i].fdtype);
    close(fd);
  }

  CASE("socket of no family");
  rings_flush();
  socket(4711, SOCK_RAW, -3);
  rec = rings_take_mine(SAKER_EV_socket);
  HEAD(socket_fdtype);
  RET(-EAFNOSUPPORT);
  U64(socket_fd, -EAFNOSUPPORT);
  U64(socket_domain, 4711);
  U64(socket_type, SOCK_RAW);
  U64(socket_proto, (uint32_t)-3);
  U64(socket_fdtype, 0);
}

static void page_faults(void) {
  const struct saker_rec* rec;
  int fd;

  CASE("userfaultfd");
  rings_flush();
  fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
  rec = rings_take_mine(SAKER_EV_userfaultfd);
  check_that(fd >= 0, "the kernel makes one");
  HEAD(newfd_fdtype);
  RET(fd);
  U64(newfd_fd, fd);
  U64(newfd_flags, O_CLOEXEC | O_NONBLOCK);
  U64(newfd_fdtype, SAKER_FD_USERFAULT);
  close(fd);

  CASE("userfaultfd, refused");
  rings_flush();
  syscall(SYS_userfaultfd, 0x40000000);
  rec = rings_take_mine(SAKER_EV_userfaultfd);
  HEAD(newfd_fdtype);
  RET(-EINVAL);
  U64(newfd_fd, -EINVAL);
  U64(newfd_flags, 0x40000000);
  U64(newfd_fdtype, 0);
}

void test_made(void) {
  sockets();
  page_faults();
}
