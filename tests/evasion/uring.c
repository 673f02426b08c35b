/* SPDX-License-Identifier: Apache-2.0 */
/* Through io_uring, carried out by the thread that the row names. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <liburing.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "evasion.h"

static struct io_uring ring;
static int last;

static struct io_uring_sqe* begin(unsigned int setup) {
  if (io_uring_queue_init(8, &ring, setup)) return NULL;
  return io_uring_get_sqe(&ring);
}

/* Waits for it; its result is in @last. */
static int finish(void) {
  struct io_uring_cqe* cqe;

  io_uring_submit(&ring);
  if (io_uring_wait_cqe(&ring, &cqe)) return 1;
  last = cqe->res;
  io_uring_cqe_seen(&ring, cqe);
  return last < 0;
}

static int open_by(unsigned int setup, unsigned int flags, const char* file) {
  struct io_uring_sqe* sqe = begin(setup);

  if (!sqe) return SKIPPED;
  io_uring_prep_openat(sqe, AT_FDCWD, file, O_RDONLY, 0);
  sqe->flags |= (__u8)flags;
  return finish();
}

static int openat_inline(const char* file, unsigned short port) {
  (void)port;
  return open_by(0, 0, file);
}

static int openat_worker(const char* file, unsigned short port) {
  (void)port;
  return open_by(0, IOSQE_ASYNC, file);
}

static int openat_polled(const char* file, unsigned short port) {
  (void)port;
  return open_by(IORING_SETUP_SQPOLL, 0, file);
}

static int openat_slot(const char* file, unsigned short port) {
  struct io_uring_sqe* sqe = begin(0);

  (void)port;
  if (!sqe || io_uring_register_files_sparse(&ring, 4)) return SKIPPED;
  io_uring_prep_openat_direct(sqe, AT_FDCWD, file, O_RDONLY, 0, 1);
  return finish();
}

static int openat2(const char* file, unsigned short port) {
  struct open_how how = {.flags = O_RDONLY};
  struct io_uring_sqe* sqe = begin(0);

  (void)port;
  if (!sqe) return SKIPPED;
  io_uring_prep_openat2(sqe, AT_FDCWD, file, &how);
  return finish();
}

static int linked(const char* file, unsigned short port) {
  struct io_uring_sqe* sqe = begin(0);

  (void)port;
  if (!sqe) return SKIPPED;
  io_uring_prep_nop(sqe);
  sqe->flags |= IOSQE_IO_LINK;
  sqe = io_uring_get_sqe(&ring);
  io_uring_prep_openat(sqe, AT_FDCWD, file, O_RDONLY, 0);
  return finish() || finish();
}

static int unlinkat_(const char* file, unsigned short port) {
  struct io_uring_sqe* sqe = begin(0);

  (void)port;
  if (!sqe) return SKIPPED;
  io_uring_prep_unlinkat(sqe, AT_FDCWD, file, 0);
  return finish();
}

static int renameat_(const char* file, unsigned short port) {
  struct io_uring_sqe* sqe = begin(0);

  (void)port;
  if (!sqe) return SKIPPED;
  io_uring_prep_renameat(sqe, AT_FDCWD, file, AT_FDCWD, "/tmp/renamed", 0);
  return finish();
}

static int mkdirat_(const char* file, unsigned short port) {
  struct io_uring_sqe* sqe;

  (void)port;
  unlink(file);
  sqe = begin(0);
  if (!sqe) return SKIPPED;
  io_uring_prep_mkdirat(sqe, AT_FDCWD, file, 0755);
  return finish();
}

static int symlinkat_(const char* file, unsigned short port) {
  struct io_uring_sqe* sqe = begin(0);

  (void)port;
  unlink("/tmp/innocent");
  if (!sqe) return SKIPPED;
  io_uring_prep_symlinkat(sqe, file, AT_FDCWD, "/tmp/innocent");
  return finish();
}

static int linkat_(const char* file, unsigned short port) {
  struct io_uring_sqe* sqe = begin(0);

  (void)port;
  unlink("/tmp/hard");
  if (!sqe) return SKIPPED;
  io_uring_prep_linkat(sqe, AT_FDCWD, file, AT_FDCWD, "/tmp/hard", 0);
  return finish();
}

static int connect_by(unsigned int flags, unsigned short port) {
  struct io_uring_sqe* sqe = begin(0);
  struct sockaddr_in to;

  if (!sqe) return SKIPPED;
  address_of(&to, port);
  io_uring_prep_connect(sqe, socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr*)&to, sizeof(to));
  sqe->flags |= (__u8)flags;
  finish();
  return 0;
}

static int connect_inline(const char* file, unsigned short port) {
  (void)file;
  return connect_by(0, port);
}

static int connect_worker(const char* file, unsigned short port) {
  (void)file;
  return connect_by(IOSQE_ASYNC, port);
}

static int connect_registered(const char* file, unsigned short port) {
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  struct io_uring_sqe* sqe = begin(0);
  struct sockaddr_in to;

  (void)file;
  if (!sqe || io_uring_register_files(&ring, &fd, 1)) return SKIPPED;
  close(fd);
  address_of(&to, port);
  io_uring_prep_connect(sqe, 0, (struct sockaddr*)&to, sizeof(to));
  sqe->flags |= IOSQE_FIXED_FILE;
  finish();
  return 0;
}

static int sendmsg_(const char* file, unsigned short port) {
  struct io_uring_sqe* sqe = begin(0);
  struct sockaddr_in to;
  struct iovec iov = {"x", 1};
  struct msghdr msg = {
      .msg_name = &to, .msg_namelen = sizeof(to), .msg_iov = &iov, .msg_iovlen = 1};

  (void)file;
  if (!sqe) return SKIPPED;
  address_of(&to, port);
  io_uring_prep_sendmsg(sqe, socket(AF_INET, SOCK_DGRAM, 0), &msg, 0);
  return finish();
}

static int send_to(const char* file, unsigned short port) {
  struct io_uring_sqe* sqe = begin(0);
  struct sockaddr_in to;

  (void)file;
  if (!sqe) return SKIPPED;
  address_of(&to, port);
  io_uring_prep_send(sqe, socket(AF_INET, SOCK_DGRAM, 0), "x", 1, 0);
  sqe->addr2 = (uintptr_t)&to;
  sqe->addr_len = sizeof(to);
  return finish();
}

static int accept_(const char* file, unsigned short port) {
  int server = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
  struct io_uring_sqe* sqe = begin(0);
  struct sockaddr_in here;

  (void)file;
  if (!sqe) return SKIPPED;
  address_of(&here, port);
  if (bind(server, (struct sockaddr*)&here, sizeof(here)) || listen(server, 1)) return 1;
  io_uring_prep_accept(sqe, server, NULL, NULL, 0);
  io_uring_submit(&ring);
  connect(client, (struct sockaddr*)&here, sizeof(here));
  return finish();
}

static int recv_(const char* file, unsigned short port) {
  int server = socket(AF_INET, SOCK_DGRAM, 0);
  struct io_uring_sqe* sqe = begin(0);
  struct sockaddr_in here;
  char byte;

  (void)file;
  if (!sqe) return SKIPPED;
  address_of(&here, port);
  if (bind(server, (struct sockaddr*)&here, sizeof(here)) ||
      sendto(server, "x", 1, 0, (struct sockaddr*)&here, sizeof(here)) != 1)
    return 1;
  io_uring_prep_recv(sqe, server, &byte, 1, 0);
  return finish();
}

const struct row uring_rows[] = {
    {"C1-openat", "io_uring: openat", "openat", NULL, openat_inline},
    {"C1-openat2", "io_uring: openat2", "openat2", NULL, openat2},
    {"C1-slot", "io_uring: openat into a slot, without a descriptor", "openat", NULL, openat_slot},
    {"C1-linked", "io_uring: openat linked behind another request", "openat", NULL, linked},
    {"C1-unlinkat", "io_uring: unlinkat", "unlinkat", NULL, unlinkat_},
    {"C1-renameat", "io_uring: renameat", "renameat2", NULL, renameat_},
    {"C1-mkdirat", "io_uring: mkdirat", "mkdirat", NULL, mkdirat_},
    {"C1-symlinkat", "io_uring: symlinkat", "symlinkat", NULL, symlinkat_},
    {"C1-linkat", "io_uring: linkat", "linkat", NULL, linkat_},
    {"C2-connect", "io_uring: connect", "connect", NULL, connect_inline},
    {"C2-connect-worker", "io_uring: connect, by a worker", "connect", NULL, connect_worker},
    {"C2-connect-registered", "io_uring: connect on a registered file", "connect", NULL,
     connect_registered},
    {"C2-accept", "io_uring: accept", "accept4", NULL, accept_},
    {"C3-sendmsg", "io_uring: sendmsg to an address", "sendmsg", NULL, sendmsg_},
    {"C3-send", "io_uring: send to an address", "sendto", NULL, send_to},
    {"C3-recv", "io_uring: receive", "recvfrom", "counted", recv_},
    {"C4-worker", "io_uring: openat by a worker", "openat", NULL, openat_worker},
    {"C4-polled", "io_uring: openat by the thread that polls the ring", "openat", NULL,
     openat_polled},
    {0},
};
