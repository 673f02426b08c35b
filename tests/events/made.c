/* SPDX-License-Identifier: Apache-2.0 */
/* socket, userfaultfd, io_uring: calls that make a descriptor of nothing that has a name, and those
 * that use a ring. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
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

/* Returns the ring. */
static int ring_made(void) {
  struct io_uring_params params = {
      .flags = IORING_SETUP_CQSIZE, .cq_entries = 16, .sq_thread_cpu = 3, .sq_thread_idle = 77};
  const struct saker_rec* rec;
  int fd;

  CASE("io_uring_setup");
  rings_flush();
  fd = (int)syscall(SYS_io_uring_setup, 3, &params);
  rec = rings_take_mine(SAKER_EV_io_uring_setup);
  check_that(fd >= 0, "the kernel makes one");
  HEAD(iouring_nr_args);
  RET(fd);
  U64(iouring_fd, fd);
  U64(iouring_fdtype, SAKER_FD_IOURING);
  U64(iouring_flags, IORING_SETUP_CQSIZE);
  U64(iouring_entries, 3);
  U64(iouring_sq_thread_cpu, 3);
  U64(iouring_sq_thread_idle, 77);
  U64(iouring_sq_entries, 4);
  U64(iouring_cq_entries, 16);
  U64(iouring_features, params.features);
  return fd;
}

static void ring_refused(void) {
  struct io_uring_params params = {.flags = 1u << 30, .sq_thread_idle = 5};
  const struct saker_rec* rec;

  CASE("io_uring_setup, refused");
  rings_flush();
  syscall(SYS_io_uring_setup, 0x80000001, &params);
  rec = rings_take_mine(SAKER_EV_io_uring_setup);
  HEAD(iouring_nr_args);
  RET(-EINVAL);
  U64(iouring_fd, -EINVAL);
  U64(iouring_fdtype, SAKER_FD_NONE);
  U64(iouring_flags, 1u << 30);
  U64(iouring_entries, 0x80000001);
  U64(iouring_sq_thread_idle, 5);
  U64(iouring_sq_entries, 0);
  U64(iouring_features, 0);

  CASE("io_uring_setup, parameters not mapped");
  rings_flush();
  syscall(SYS_io_uring_setup, 3, 8);
  rec = rings_take_mine(SAKER_EV_io_uring_setup);
  RET(-EFAULT);
  U64(iouring_entries, 3);
  U64(iouring_flags, 0);
}

static void ring_used(int ring) {
  const unsigned int offset = 4711;
  const struct saker_rec* rec;

  CASE("io_uring_enter");
  rings_flush();
  syscall(SYS_io_uring_enter, ring, 2, 0, IORING_ENTER_GETEVENTS, NULL, 0);
  rec = rings_take_mine(SAKER_EV_io_uring_enter);
  HEAD(iouring_nr_args);
  RET(0);
  U64(iouring_fd, ring);
  U64(iouring_fdtype, SAKER_FD_IOURING);
  U64(iouring_flags, IORING_ENTER_GETEVENTS);
  U64(iouring_to_submit, 2);
  U64(iouring_min_complete, 0);

  CASE("io_uring_enter, a ring by its registered index that there is not");
  rings_flush();
  syscall(SYS_io_uring_enter, 5, 1, 9, 1u << 4, NULL, 0);
  rec = rings_take_mine(SAKER_EV_io_uring_enter);
  check_that(rec && rec->ret < 0, "it fails");
  U64(iouring_fd, 5);
  U64(iouring_fdtype, SAKER_FD_NONE);
  U64(iouring_flags, 1u << 4);
  U64(iouring_min_complete, 9);

  CASE("io_uring_register");
  rings_flush();
  syscall(SYS_io_uring_register, ring, IORING_REGISTER_EVENTFD, &offset, 1);
  rec = rings_take_mine(SAKER_EV_io_uring_register);
  HEAD(iouring_nr_args);
  RET(-EBADF);
  U64(iouring_fd, ring);
  U64(iouring_fdtype, SAKER_FD_IOURING);
  U64(iouring_opcode, IORING_REGISTER_EVENTFD);
  U64(iouring_arg, (uintptr_t)&offset);
  U64(iouring_nr_args, 1);

  CASE("io_uring_register, not a ring");
  rings_flush();
  syscall(SYS_io_uring_register, open("dir/file", O_RDONLY), 1u << 31 | 6, NULL, 8);
  rec = rings_take_mine(SAKER_EV_io_uring_register);
  check_that(rec && rec->ret < 0, "it fails");
  U64(iouring_fdtype, SAKER_FD_NONE);
  U64(iouring_flags, 1u << 31);
  U64(iouring_opcode, 6);
}

void test_made(void) {
  int ring;

  sockets();
  page_faults();
  ring = ring_made();
  ring_refused();
  ring_used(ring);
  close(ring);
}
