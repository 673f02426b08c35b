/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The same operation by a system call and through io_uring: the records must be equal in every
 * parameter, and come once, whichever thread does the work: the caller of io_uring_enter(), a
 * worker (IOSQE_ASYNC), the thread that polls the ring.
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "check.h"
#include "child.h"
#include "rings.h"
#include "tests.h"

static const struct mode {
  const char* name;
  unsigned int setup, sqe;
} modes[] = {
    {"inline", 0, 0},
    {"worker", 0, IOSQE_ASYNC},
    {"polled", IORING_SETUP_SQPOLL, 0},
};

static struct io_uring ring;
static int datagram, server, client;
static struct sockaddr_in here = {.sin_family = AF_INET}, nowhere = {.sin_family = AF_INET};
static struct open_how how = {.flags = O_RDWR, .resolve = RESOLVE_NO_MAGICLINKS};
static char byte = 'x';
static struct iovec iov = {&byte, 1};
static struct msghdr msg = {
    .msg_name = &nowhere, .msg_namelen = sizeof(nowhere), .msg_iov = &iov, .msg_iovlen = 1};

static void prep_openat(struct io_uring_sqe* sqe) {
  io_uring_prep_openat(sqe, AT_FDCWD, "link", O_RDONLY, 0);
}

static long call_openat(void) { return syscall(SYS_openat, AT_FDCWD, "link", O_RDONLY, 0); }

static void prep_missing(struct io_uring_sqe* sqe) {
  io_uring_prep_openat(sqe, AT_FDCWD, "/no/such/file", O_RDWR, 0);
}

static long call_missing(void) { return syscall(SYS_openat, AT_FDCWD, "/no/such/file", O_RDWR, 0); }

/* Longer than the part of a name that struct saker_call stores itself. */
static char long_name[400];

static void prep_long(struct io_uring_sqe* sqe) {
  io_uring_prep_openat(sqe, AT_FDCWD, long_name, O_RDONLY, 0);
}

static long call_long(void) { return syscall(SYS_openat, AT_FDCWD, long_name, O_RDONLY, 0); }

static void prep_openat2(struct io_uring_sqe* sqe) {
  io_uring_prep_openat2(sqe, AT_FDCWD, "dir/file", &how);
}

static long call_openat2(void) {
  return syscall(SYS_openat2, AT_FDCWD, "dir/file", &how, sizeof(how));
}

static void prep_mkdirat(struct io_uring_sqe* sqe) {
  io_uring_prep_mkdirat(sqe, AT_FDCWD, "newer", 0751);
}

static long call_mkdirat(void) { return syscall(SYS_mkdirat, AT_FDCWD, "newer", 0751); }

static void prep_unlinkat(struct io_uring_sqe* sqe) {
  io_uring_prep_unlinkat(sqe, AT_FDCWD, "dir/../victim", 0);
}

static long call_unlinkat(void) { return syscall(SYS_unlinkat, AT_FDCWD, "dir/../victim", 0); }

static void prep_renameat(struct io_uring_sqe* sqe) {
  io_uring_prep_renameat(sqe, AT_FDCWD, "victim", AT_FDCWD, "newer", 1);
}

static long call_renameat(void) {
  return syscall(SYS_renameat2, AT_FDCWD, "victim", AT_FDCWD, "newer", 1);
}

static void prep_linkat(struct io_uring_sqe* sqe) {
  io_uring_prep_linkat(sqe, AT_FDCWD, "victim", AT_FDCWD, "newer", AT_SYMLINK_FOLLOW);
}

static long call_linkat(void) {
  return syscall(SYS_linkat, AT_FDCWD, "victim", AT_FDCWD, "newer", AT_SYMLINK_FOLLOW);
}

static void prep_symlinkat(struct io_uring_sqe* sqe) {
  io_uring_prep_symlinkat(sqe, "/etc/shadow", AT_FDCWD, "newer");
}

static long call_symlinkat(void) {
  return syscall(SYS_symlinkat, "/etc/shadow", AT_FDCWD, "newer");
}

static void prep_connect(struct io_uring_sqe* sqe) {
  io_uring_prep_connect(sqe, datagram, (struct sockaddr*)&nowhere, sizeof(nowhere));
}

static long call_connect(void) { return syscall(SYS_connect, datagram, &nowhere, sizeof(nowhere)); }

static void prep_accept(struct io_uring_sqe* sqe) {
  io_uring_prep_accept(sqe, server, NULL, NULL, SOCK_CLOEXEC);
}

static long call_accept(void) { return syscall(SYS_accept4, server, NULL, NULL, SOCK_CLOEXEC); }

static void prep_sendmsg(struct io_uring_sqe* sqe) {
  io_uring_prep_sendmsg(sqe, datagram, &msg, 0);
}

static long call_sendmsg(void) { return syscall(SYS_sendmsg, datagram, &msg, 0); }

static void prep_send(struct io_uring_sqe* sqe) { io_uring_prep_send(sqe, datagram, &byte, 1, 0); }

/* Without an address: the socket is connected. */
static long call_send(void) { return syscall(SYS_sendto, datagram, &byte, 1, 0, NULL, 0); }

static void prep_send_to(struct io_uring_sqe* sqe) {
  io_uring_prep_send(sqe, datagram, &byte, 1, 0);
  sqe->addr2 = (uintptr_t)&nowhere;
  sqe->addr_len = sizeof(nowhere);
}

static long call_send_to(void) {
  return syscall(SYS_sendto, datagram, &byte, 1, 0, &nowhere, sizeof(nowhere));
}

static void prep_socket(struct io_uring_sqe* sqe) {
  io_uring_prep_socket(sqe, AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, 0);
}

static long call_socket(void) { return syscall(SYS_socket, AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0); }

static void prep_no_socket(struct io_uring_sqe* sqe) {
  io_uring_prep_socket(sqe, 999, SOCK_RAW, 7, 0);
}

static long call_no_socket(void) { return syscall(SYS_socket, 999, SOCK_RAW, 7); }

static void nothing(long ret) { (void)ret; }

static void close_it(long ret) {
  if (ret >= 0) close((int)ret);
}

static void remove_all(long ret) {
  (void)ret;
  unlink("victim");
  unlink("newer");
  rmdir("newer");
}

static void make_victim(void) { close(open("victim", O_CREAT | O_WRONLY, 0644)); }

/* A client whose number and port are always the same. */
static void connect_client(void) {
  client = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(client, (struct sockaddr*)&here, sizeof(here))) abort();
}

static void close_both(long ret) {
  close_it(ret);
  close(client);
}

static void make_datagram(void) {
  struct sockaddr_in any = {
      .sin_family = AF_INET, .sin_port = htons(5353), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int yes = 1;

  datagram = socket(AF_INET, SOCK_DGRAM, 0);
  /* A worker of the ring may hold the previous socket a moment longer than its completion. */
  setsockopt(datagram, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  if (bind(datagram, (struct sockaddr*)&any, sizeof(any))) err(1, "bind");
}

static void make_connected(void) {
  make_datagram();
  connect(datagram, (struct sockaddr*)&nowhere, sizeof(nowhere));
}

static void close_datagram(long ret) {
  (void)ret;
  close(datagram);
}

static const struct twin {
  const char* name;
  uint16_t event;
  void (*before)(void);
  long (*call)(void);
  void (*prep)(struct io_uring_sqe* sqe);
  void (*after)(long ret);
} twins[] = {
    {"openat", SAKER_EV_openat, NULL, call_openat, prep_openat, close_it},
    {"openat, failing", SAKER_EV_openat, NULL, call_missing, prep_missing, nothing},
    {"openat, long name", SAKER_EV_openat, NULL, call_long, prep_long, close_it},
    {"openat2", SAKER_EV_openat2, NULL, call_openat2, prep_openat2, close_it},
    {"mkdirat", SAKER_EV_mkdirat, NULL, call_mkdirat, prep_mkdirat, remove_all},
    {"unlinkat", SAKER_EV_unlinkat, make_victim, call_unlinkat, prep_unlinkat, nothing},
    {"unlinkat, failing", SAKER_EV_unlinkat, NULL, call_unlinkat, prep_unlinkat, nothing},
    {"renameat2", SAKER_EV_renameat2, make_victim, call_renameat, prep_renameat, remove_all},
    {"linkat", SAKER_EV_linkat, make_victim, call_linkat, prep_linkat, remove_all},
    {"symlinkat", SAKER_EV_symlinkat, NULL, call_symlinkat, prep_symlinkat, remove_all},
    {"socket", SAKER_EV_socket, NULL, call_socket, prep_socket, close_it},
    {"socket, failing", SAKER_EV_socket, NULL, call_no_socket, prep_no_socket, nothing},
    {"connect", SAKER_EV_connect, make_datagram, call_connect, prep_connect, close_datagram},
    {"accept4", SAKER_EV_accept4, connect_client, call_accept, prep_accept, close_both},
    {"sendmsg", SAKER_EV_sendmsg, make_datagram, call_sendmsg, prep_sendmsg, close_datagram},
    {"send", SAKER_EV_sendto, make_connected, call_send, prep_send, close_datagram},
    {"send to an address", SAKER_EV_sendto, make_datagram, call_send_to, prep_send_to,
     close_datagram},
};

static long submit(const struct mode* mode, void (*prep)(struct io_uring_sqe* sqe)) {
  struct io_uring_sqe* sqe = io_uring_get_sqe(&ring);
  struct io_uring_cqe* cqe;
  long res;

  prep(sqe);
  sqe->flags |= (uint8_t)mode->sqe;
  io_uring_submit(&ring);
  if (io_uring_wait_cqe(&ring, &cqe)) abort();
  res = cqe->res;
  io_uring_cqe_seen(&ring, cqe);
  return res;
}

/* The peer of an accepted connection has a different port each time. */
static void forget_ports(const struct saker_rec* rec) {
  const struct saker_blob* blob;

  if (!rec || rec->type != SAKER_EV_accept4) return;
  blob = blob_of(rec, SAKER_P_sock_sock);
  if (blob->len == sizeof(struct saker_sock))
    ((struct saker_sock*)((char*)rec + blob->off))->remote_port = 0;
}

static void run_twin(const struct mode* mode, const struct twin* twin) {
  const struct saker_rec *native, *rec;
  long ret;

  CASE("io_uring, %s: %s", mode->name, twin->name);
  if (twin->before) twin->before();
  rings_flush();
  ret = twin->call();
  ret = ret == -1 ? -errno : ret;
  native = rings_take_mine(twin->event);
  twin->after(ret);
  if (twin->before) twin->before();
  while (rings_take_mine(twin->event))
    ;
  check_number("result", (uint64_t)submit(mode, twin->prep), (uint64_t)ret);
  rec = rings_take_mine(twin->event);
  forget_ports(native);
  forget_ports(rec);
  check_same(rec, native);
  check_number("once", rings_count(twin->event, getpid()), 0);
  twin->after(ret);
}

/* A file without a descriptor, only with an index in the ring's table. */
static void prep_slot(struct io_uring_sqe* sqe) {
  io_uring_prep_openat_direct(sqe, AT_FDCWD, "link", O_RDONLY, 0, 1);
}

static void slots(const struct mode* mode) {
  const struct saker_rec* rec;
  struct stat st;

  CASE("io_uring, %s: openat into a slot", mode->name);
  stat("dir/file", &st);
  if (io_uring_register_files_sparse(&ring, 4)) {
    printf("SKIP slots: the kernel has no sparse tables\n");
    return;
  }
  rings_flush();
  check_number("result", (uint64_t)submit(mode, prep_slot), 0);
  rec = rings_take_mine(SAKER_EV_openat);
  U64(open_fd, 0);
  RET(0);
  STR(open_name, "link");
  STR(open_path, "/tmp/t/dir/file");
  STR(open_base, "/tmp/t");
  U64(open_dev, kernel_dev(st.st_dev));
  U64(open_ino, st.st_ino);
  U64(open_fdtype, 'f');
  io_uring_unregister_files(&ring);
}

/* No client connects at first: the request is tried, waits, and completes later. It is one event.
 */
static void waiting_accept(const struct mode* mode) {
  struct io_uring_sqe* sqe = io_uring_get_sqe(&ring);
  const struct saker_rec* rec;
  struct io_uring_cqe* cqe;

  CASE("io_uring, %s: accept that waits", mode->name);
  rings_flush();
  prep_accept(sqe);
  sqe->flags |= (uint8_t)mode->sqe;
  io_uring_submit(&ring);
  usleep(50000);
  connect_client();
  io_uring_wait_cqe(&ring, &cqe);
  rec = rings_take_mine(SAKER_EV_accept4);
  RET(cqe->res);
  U64(sock_fd, cqe->res);
  U64(sock_listenfd, server);
  check_number("once", rings_count(SAKER_EV_accept4, getpid()), 0);
  close_both(cqe->res);
  io_uring_cqe_seen(&ring, cqe);
}

static int stream;

static void prep_stream(struct io_uring_sqe* sqe) {
  io_uring_prep_connect(sqe, stream, (struct sockaddr*)&nowhere, sizeof(nowhere));
}

/* A connection that is not made at once is recorded as in progress, as for a non-blocking
 * socket. */
static void refused(const struct mode* mode) {
  const struct saker_rec* rec;

  CASE("io_uring, %s: connect, refused", mode->name);
  stream = socket(AF_INET, SOCK_STREAM, 0);
  rings_flush();
  check_number("result", (uint64_t)submit(mode, prep_stream), (uint64_t)-ECONNREFUSED);
  rec = rings_take_mine(SAKER_EV_connect);
  U64(sock_fd, stream);
  BLOB(sock_addr, &nowhere, sizeof(nowhere));
  check_that(rec && (rec->ret == -EINPROGRESS || rec->ret == -ECONNREFUSED), "ret");
  check_number("once", rings_count(SAKER_EV_connect, getpid()), 0);
  close(stream);
}

static void prepare(void) {
  socklen_t len = sizeof(here);
  int closed = socket(AF_INET, SOCK_STREAM, 0);

  here.sin_addr.s_addr = nowhere.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  bind(closed, (struct sockaddr*)&nowhere, sizeof(nowhere));
  getsockname(closed, (struct sockaddr*)&nowhere, &len);
  close(closed);
  server = socket(AF_INET, SOCK_STREAM, 0);
  bind(server, (struct sockaddr*)&here, sizeof(here));
  listen(server, 5);
  len = sizeof(here);
  getsockname(server, (struct sockaddr*)&here, &len);
  memset(long_name, '/', sizeof(long_name) - 1);
  memcpy(long_name + sizeof(long_name) - 16, "/tmp/t/dir/file", 16);
}

/* What is counted of one operation; all 0 if it was not used. */
static struct saker_uring_op counts_of(unsigned int opcode) {
  struct saker_uring_op op = {.size = sizeof(op), .opcode = opcode};

  if (ioctl(rings_fd(), SAKER_IOC_URING_OP, &op) || op.opcode != opcode)
    return (struct saker_uring_op){.opcode = opcode};
  return op;
}

static bool anything_counted(void) {
  struct saker_uring_op op = {.size = sizeof(op)};

  return !ioctl(rings_fd(), SAKER_IOC_URING_OP, &op);
}

static void check_counted(const char* name, unsigned int opcode, unsigned int submitted,
                          unsigned int unseen) {
  struct saker_uring_op op = counts_of(opcode);

  CASE("io_uring operations are counted: %s", name);
  check_number("submitted", op.submitted, submitted);
  check_number("unseen", op.unseen, unseen);
}

static void prep_nop(struct io_uring_sqe* sqe) { io_uring_prep_nop(sqe); }

static void prep_read(struct io_uring_sqe* sqe) { io_uring_prep_read(sqe, 0, &byte, 0, 0); }

/* On a file that is no socket; older kernels refuse a descriptor that is not open at once. */
static void prep_recv(struct io_uring_sqe* sqe) {
  io_uring_prep_recv(sqe, ring.ring_fd, &byte, 1, MSG_DONTWAIT);
}

static void prep_unknown(struct io_uring_sqe* sqe) {
  io_uring_prep_nop(sqe);
  sqe->opcode = 255;
}

static void use_some(void) {
  unsigned int i;

  for (i = 0; i < 3; i++) submit(&modes[0], prep_read);
  close_it(submit(&modes[0], prep_openat));
  submit(&modes[0], prep_recv);
  submit(&modes[0], prep_unknown);
}

static void ask_one(unsigned int event, pid_t ignore) {
  uint64_t events[SAKER_EV_MAX / 64] = {0};

  rings_ask(events, NULL, 0); /* the counts start at 0 again */
  events[event / 64] |= 1ull << event % 64;
  rings_ask(events, NULL, ignore);
}

/* Also on kernels where operations are not hooked: openat is then one that is not seen. */
static void counted(bool hooked) {
  struct saker_uring_op op = {.size = sizeof(op), .reserved = {0, 1}};
  uint64_t refused;

  if (io_uring_queue_init(8, &ring, 0)) return;
  ask_one(SAKER_EV_openat, 0);
  use_some();
  check_counted("read, which is no event", IORING_OP_READ, 3, 0);
  check_counted("openat, which was asked for", IORING_OP_OPENAT, 1, hooked ? 0 : 1);
  check_counted("recv, which was not asked for", IORING_OP_RECV, 1, 0);
  check_counted("nop", IORING_OP_NOP, 0, 0);
  submit(&modes[0], prep_nop);
  check_counted("nop, once", IORING_OP_NOP, 1, 0);
  refused = counts_of(IORING_OP_NOP).refused;
  check_that(refused == 1 || !hooked, "an unknown operation is counted as refused");
  CASE("io_uring operations: the call");
  check_that(ioctl(rings_fd(), SAKER_IOC_URING_OP, &op) && errno == EINVAL, "a reserved field");
  op = (struct saker_uring_op){.size = sizeof(op), .opcode = 256};
  check_that(ioctl(rings_fd(), SAKER_IOC_URING_OP, &op) && errno == ENOENT, "after the last");

  ask_one(SAKER_EV_recvfrom, 0);
  use_some();
  check_counted("openat, which was not asked for", IORING_OP_OPENAT, 1, 0);
  check_counted("recv, which has an event but no hook", IORING_OP_RECV, 1, 1);
  ask_one(SAKER_EV_io_uring_enter, 0);
  use_some();
  check_counted("read, while only io_uring_enter is asked for", IORING_OP_READ, 3, 0);
  CASE("io_uring operations that are not counted");
  ask_one(SAKER_EV_chmod, 0);
  use_some();
  check_that(!anything_counted(), "when no operation can be what is asked for");
  ask_one(SAKER_EV_openat, SELF);
  use_some();
  check_that(!anything_counted(), "those of the consumer");
  rings_ask_all();
  io_uring_queue_exit(&ring);
}

void test_uring(void) {
  unsigned int i, j;

  counted(rings_uring());
  if (!rings_uring()) {
    printf("SKIP io_uring: not hooked on this kernel\n");
    return;
  }
  prepare();
  for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
    if (io_uring_queue_init(8, &ring, modes[i].setup)) {
      printf("SKIP io_uring %s: the kernel refuses such a ring\n", modes[i].name);
      continue;
    }
    for (j = 0; j < sizeof(twins) / sizeof(twins[0]); j++) run_twin(&modes[i], &twins[j]);
    slots(&modes[i]);
    waiting_accept(&modes[i]);
    refused(&modes[i]);
    io_uring_queue_exit(&ring);
  }
  close(server);
}
