/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The same call through the 64-bit and the 32-bit table of system calls: the records must be equal
 * in every parameter. The other tests check the content of the first.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <linux/net.h>
#include <linux/openat2.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "check.h"
#include "int80.h"
#include "rings.h"
#include "tests.h"

#define PTR(object) ((long)(object))

static void nothing(long ret) { (void)ret; }

static void close_it(long ret) {
  if (ret >= 0) close((int)ret);
}

static void make_file(void) { close(open("victim", O_CREAT | O_WRONLY, 0644)); }

static void unlink_new(long ret) {
  (void)ret;
  unlink("newer");
}

static void make_dir(void) { mkdir("newer", 0755); }

static void remove_dir(long ret) {
  (void)ret;
  rmdir("newer");
}

static void unmount_it(long ret) {
  (void)ret;
  umount2("dir", MNT_DETACH);
}

static void mount_it(void) { mount("x", "dir", "tmpfs", 0, NULL); }

static struct open_how how = {
    .flags = O_RDWR | O_CREAT, .mode = 0600, .resolve = RESOLVE_NO_SYMLINKS};

static struct io_uring_params ring_params = {.sq_thread_idle = 7};

/* The two numbers of a call; 0: the 32-bit table has it only in socketcall. */
struct twin {
  const char* name;
  uint16_t event;
  long nr, nr32;
  long args[6];
  void (*before)(void);
  void (*after)(long ret);
};

/* Names are given where they are used; a static one is below 4 GiB, in a static program. */
static const struct twin twins[] = {
    {"open",
     SAKER_EV_open,
     SYS_open,
     5,
     {PTR("victim"), O_RDWR | O_CREAT, 0640},
     make_file,
     close_it},
    {"open, failing", SAKER_EV_open, SYS_open, 5, {PTR("/tmp/t/no/such"), O_RDONLY}, NULL, nothing},
    {"creat", SAKER_EV_creat, SYS_creat, 8, {PTR("victim"), 0604}, make_file, close_it},
    {"openat", SAKER_EV_openat, SYS_openat, 295, {AT_FDCWD, PTR("link"), O_RDONLY}, NULL, close_it},
    {"openat, no directory",
     SAKER_EV_openat,
     SYS_openat,
     295,
     {-7, PTR("link"), O_RDONLY},
     NULL,
     nothing},
    {"openat, no name", SAKER_EV_openat, SYS_openat, 295, {AT_FDCWD, 8, O_RDONLY}, NULL, nothing},
    {"openat2",
     SAKER_EV_openat2,
     SYS_openat2,
     437,
     {AT_FDCWD, PTR("victim"), PTR(&how), sizeof(how)},
     make_file,
     close_it},
    {"link", SAKER_EV_link, SYS_link, 9, {PTR("victim"), PTR("newer")}, make_file, unlink_new},
    {"linkat",
     SAKER_EV_linkat,
     SYS_linkat,
     303,
     {AT_FDCWD, PTR("victim"), AT_FDCWD, PTR("newer"), AT_SYMLINK_FOLLOW},
     make_file,
     unlink_new},
    {"symlink", SAKER_EV_symlink, SYS_symlink, 83, {PTR("victim"), PTR("newer")}, NULL, unlink_new},
    {"symlinkat",
     SAKER_EV_symlinkat,
     SYS_symlinkat,
     304,
     {PTR("/etc/shadow"), AT_FDCWD, PTR("newer")},
     NULL,
     unlink_new},
    {"unlink", SAKER_EV_unlink, SYS_unlink, 10, {PTR("victim")}, make_file, nothing},
    {"unlinkat",
     SAKER_EV_unlinkat,
     SYS_unlinkat,
     301,
     {AT_FDCWD, PTR("dir/../victim"), 0},
     make_file,
     nothing},
    {"rename",
     SAKER_EV_rename,
     SYS_rename,
     38,
     {PTR("victim"), PTR("newer")},
     make_file,
     unlink_new},
    {"renameat",
     SAKER_EV_renameat,
     SYS_renameat,
     302,
     {AT_FDCWD, PTR("victim"), AT_FDCWD, PTR("newer")},
     make_file,
     unlink_new},
    {"renameat2",
     SAKER_EV_renameat2,
     SYS_renameat2,
     353,
     {AT_FDCWD, PTR("victim"), AT_FDCWD, PTR("newer"), 1},
     make_file,
     unlink_new},
    {"mkdir", SAKER_EV_mkdir, SYS_mkdir, 39, {PTR("newer"), 0751}, NULL, remove_dir},
    {"mkdirat",
     SAKER_EV_mkdirat,
     SYS_mkdirat,
     296,
     {AT_FDCWD, PTR("newer"), 0751},
     NULL,
     remove_dir},
    {"mknod", SAKER_EV_mknod, SYS_mknod, 14, {PTR("newer"), S_IFREG | 0640}, NULL, unlink_new},
    {"mknodat",
     SAKER_EV_mknodat,
     SYS_mknodat,
     297,
     {AT_FDCWD, PTR("newer"), S_IFIFO | 0600},
     NULL,
     unlink_new},
    {"open_by_handle_at, failing",
     SAKER_EV_open_by_handle_at,
     SYS_open_by_handle_at,
     342,
     {-7, 8, O_RDONLY},
     NULL,
     nothing},
    {"rmdir", SAKER_EV_rmdir, SYS_rmdir, 40, {PTR("newer")}, make_dir, nothing},
    {"chmod", SAKER_EV_chmod, SYS_chmod, 15, {PTR("victim"), 04711}, make_file, nothing},
    {"fchmod", SAKER_EV_fchmod, SYS_fchmod, 94, {1, 0620}, NULL, nothing},
    {"fchmodat",
     SAKER_EV_fchmodat,
     SYS_fchmodat,
     306,
     {AT_FDCWD, PTR("victim"), 0711},
     make_file,
     nothing},
    {"chown", SAKER_EV_chown, SYS_chown, 212, {PTR("victim"), 70000, -1}, make_file, nothing},
    {"lchown", SAKER_EV_lchown, SYS_lchown, 198, {PTR("victim"), -1, 70001}, make_file, nothing},
    {"fchown", SAKER_EV_fchown, SYS_fchown, 207, {1, -1, -1}, NULL, nothing},
    {"fchownat",
     SAKER_EV_fchownat,
     SYS_fchownat,
     298,
     {AT_FDCWD, PTR("victim"), 1, 2, AT_SYMLINK_NOFOLLOW},
     make_file,
     nothing},
    {"chown16", SAKER_EV_chown, SYS_chown, 182, {PTR("victim"), 12, -1}, make_file, nothing},
    {"lchown16", SAKER_EV_lchown, SYS_lchown, 16, {PTR("victim"), -1, 12}, make_file, nothing},
    {"fchown16", SAKER_EV_fchown, SYS_fchown, 95, {1, -1, -1}, NULL, nothing},
    {"ptrace", SAKER_EV_ptrace, SYS_ptrace, 26, {PTRACE_ATTACH, -5, 3, 4}, NULL, nothing},
    {"mount",
     SAKER_EV_mount,
     SYS_mount,
     21,
     {PTR("x"), PTR("dir"), PTR("tmpfs"), MS_NOSUID, 0},
     NULL,
     unmount_it},
    {"mount, no device",
     SAKER_EV_mount,
     SYS_mount,
     21,
     {0, PTR("dir"), 0, MS_BIND, 0},
     NULL,
     nothing},
    {"umount2", SAKER_EV_umount2, SYS_umount2, 52, {PTR("dir"), MNT_DETACH}, mount_it, nothing},
    {"setns", SAKER_EV_setns, SYS_setns, 346, {-3, CLONE_NEWNET}, NULL, nothing},
    {"unshare", SAKER_EV_unshare, SYS_unshare, 310, {0}, NULL, nothing},
    {"init_module",
     SAKER_EV_init_module,
     SYS_init_module,
     128,
     {8, 12345, PTR("a=1")},
     NULL,
     nothing},
    {"finit_module",
     SAKER_EV_finit_module,
     SYS_finit_module,
     350,
     {-4, PTR("a=1"), 2},
     NULL,
     nothing},
    {"bpf", SAKER_EV_bpf, SYS_bpf, 357, {5, 8, 72}, NULL, nothing},
    {"memfd_create", SAKER_EV_memfd_create, SYS_memfd_create, 356, {PTR("mem"), 1}, NULL, close_it},
    {"dup", SAKER_EV_dup, SYS_dup, 41, {1}, NULL, close_it},
    {"dup2", SAKER_EV_dup2, SYS_dup2, 63, {1, 77}, NULL, close_it},
    {"dup3", SAKER_EV_dup3, SYS_dup3, 330, {1, 77, O_CLOEXEC}, NULL, close_it},
    {"socket",
     SAKER_EV_socket,
     SYS_socket,
     359,
     {AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP},
     NULL,
     close_it},
    {"socket, failing", SAKER_EV_socket, SYS_socket, 359, {999, SOCK_RAW, 7}, NULL, nothing},
    {"userfaultfd", SAKER_EV_userfaultfd, SYS_userfaultfd, 374, {O_CLOEXEC}, NULL, close_it},
    {"io_uring_setup",
     SAKER_EV_io_uring_setup,
     SYS_io_uring_setup,
     425,
     {4, PTR(&ring_params)},
     NULL,
     close_it},
    {"io_uring_setup, failing",
     SAKER_EV_io_uring_setup,
     SYS_io_uring_setup,
     425,
     {4, 8},
     NULL,
     nothing},
    {"io_uring_enter",
     SAKER_EV_io_uring_enter,
     SYS_io_uring_enter,
     426,
     {1, -1, 3, 0, 0, 0},
     NULL,
     nothing},
    {"io_uring_register",
     SAKER_EV_io_uring_register,
     SYS_io_uring_register,
     427,
     {-9, 2, PTR(&ring_params), 5},
     NULL,
     nothing},
    {"setuid", SAKER_EV_setuid, SYS_setuid, 213, {0}, NULL, nothing},
    {"setgid", SAKER_EV_setgid, SYS_setgid, 214, {0}, NULL, nothing},
    {"setreuid", SAKER_EV_setreuid, SYS_setreuid, 203, {-1, 0}, NULL, nothing},
    {"setregid", SAKER_EV_setregid, SYS_setregid, 204, {0, -1}, NULL, nothing},
    {"setresuid", SAKER_EV_setresuid, SYS_setresuid, 208, {-1, 0, -1}, NULL, nothing},
    {"setresgid", SAKER_EV_setresgid, SYS_setresgid, 210, {-1, -1, 0}, NULL, nothing},
    {"setuid16", SAKER_EV_setuid, SYS_setuid, 23, {0}, NULL, nothing},
    {"setgid16", SAKER_EV_setgid, SYS_setgid, 46, {0}, NULL, nothing},
    {"setreuid16", SAKER_EV_setreuid, SYS_setreuid, 70, {-1, 0}, NULL, nothing},
    {"setregid16", SAKER_EV_setregid, SYS_setregid, 71, {0, -1}, NULL, nothing},
    {"setresuid16", SAKER_EV_setresuid, SYS_setresuid, 164, {-1, 0, -1}, NULL, nothing},
    {"setresgid16", SAKER_EV_setresgid, SYS_setresgid, 170, {-1, -1, 0}, NULL, nothing},
};

/* The results of both; calls before and after are not compared. */
static struct {
  long ret;
  const struct saker_rec* rec;
} native, other;

static long kernel_ret(long ret) { return ret == -1 ? -errno : ret; }

static void compare(unsigned int flags) {
  check_number("the call's result", (uint64_t)other.ret, (uint64_t)native.ret);
  check_same(other.rec, native.rec);
  check_number("flags of the head", other.rec ? other.rec->flags : UINT32_MAX, flags);
}

static void run_twin(const struct twin* twin) {
  const long* a = twin->args;

  CASE("int 0x80: %s", twin->name);
  if (twin->before) twin->before();
  rings_flush();
  native.ret = kernel_ret(syscall(twin->nr, a[0], a[1], a[2], a[3], a[4], a[5]));
  native.rec = rings_take_mine(twin->event);
  twin->after(native.ret);
  if (twin->before) twin->before();
  other.ret = int80(twin->nr32, a);
  other.rec = rings_take_mine(twin->event);
  twin->after(other.ret);
  unlink("victim");
  compare(SAKER_REC_COMPAT);
}

static void oldumount(void) {
  const long args[6] = {PTR("dir")};
  const struct saker_rec* rec;

  CASE("int 0x80: umount without flags");
  mount_it();
  rings_flush();
  check_number("result", (uint64_t)int80(22, args), 0);
  rec = rings_take_mine(SAKER_EV_umount);
  STR(mount_dir, "dir");
  STR(mount_base, "/tmp/t");
  STR(mount_path, "/tmp/t/dir");
  U64(mount_flags, 0);
  RET(0);
}

/* Sockets: through the call's own number if there is one, and through socketcall. */

static struct sockaddr_in nowhere = {.sin_family = AF_INET};
static struct sockaddr_in own = {.sin_family = AF_INET};
static struct sockaddr_in destination = {.sin_family = AF_INET};
static struct sockaddr_un unix_name = {.sun_family = AF_UNIX, .sun_path = "sock"};
static char byte = 'x';
static struct iovec iov = {&byte, 1};
static struct msghdr msg = {
    .msg_name = &destination, .msg_namelen = sizeof(destination), .msg_iov = &iov, .msg_iovlen = 1};
static struct mmsghdr messages = {{&destination, sizeof(destination), &iov, 1, NULL, 0, 0}, 0};
static uint32_t iov32[2], msg32[8]; /* of sendmmsg: and what was sent */
static int stream, datagram, unbound, server, packet = AF_PACKET;

static const struct twin sockets[] = {
    {"connect",
     SAKER_EV_connect,
     SYS_connect,
     362,
     {0, PTR(&nowhere), sizeof(nowhere)},
     NULL,
     nothing},
    {"connect, unix",
     SAKER_EV_connect,
     SYS_connect,
     362,
     {0, PTR(&unix_name), sizeof(unix_name)},
     NULL,
     nothing},
    {"connect, address not readable",
     SAKER_EV_connect,
     SYS_connect,
     362,
     {0, 8, 16},
     NULL,
     nothing},
    {"bind", SAKER_EV_bind, SYS_bind, 361, {0, PTR(&nowhere), sizeof(nowhere)}, NULL, nothing},
    {"listen", SAKER_EV_listen, SYS_listen, 363, {0, 7}, NULL, nothing},
    {"accept", SAKER_EV_accept, SYS_accept, 0, {0, 0, 0}, NULL, close_it},
    {"accept4", SAKER_EV_accept4, SYS_accept4, 364, {0, 0, 0, SOCK_CLOEXEC}, NULL, close_it},
    {"sendto",
     SAKER_EV_sendto,
     SYS_sendto,
     369,
     {0, PTR(&byte), 1, MSG_NOSIGNAL, PTR(&destination), sizeof(destination)},
     NULL,
     nothing},
    {"send", SAKER_EV_sendto, SYS_sendto, 0, {0, PTR(&byte), 1, MSG_NOSIGNAL, 0, 0}, NULL, nothing},
    {"sendmsg", SAKER_EV_sendmsg, SYS_sendmsg, 370, {0, PTR(&msg), MSG_NOSIGNAL}, NULL, nothing},
    {"socket", SAKER_EV_socket, SYS_socket, 0, {0, SOCK_RAW | SOCK_NONBLOCK, 0}, NULL, close_it},
    {"recvfrom",
     SAKER_EV_recvfrom,
     SYS_recvfrom,
     371,
     {0, PTR(&byte), 1, MSG_DONTWAIT},
     NULL,
     nothing},
    {"recv", SAKER_EV_recvfrom, SYS_recvfrom, 0, {0, PTR(&byte), 1, MSG_DONTWAIT}, NULL, nothing},
    {"recvmsg", SAKER_EV_recvmsg, SYS_recvmsg, 372, {0, PTR(&msg), MSG_DONTWAIT}, NULL, nothing},
    {"sendmmsg",
     SAKER_EV_sendmmsg,
     SYS_sendmmsg,
     345,
     {0, PTR(&messages), 1, MSG_NOSIGNAL},
     NULL,
     nothing},
    {"recvmmsg",
     SAKER_EV_recvmmsg,
     SYS_recvmmsg,
     337,
     {0, PTR(&messages), 1, MSG_DONTWAIT},
     NULL,
     nothing},
    {"recvmmsg, long times",
     SAKER_EV_recvmmsg,
     SYS_recvmmsg,
     417,
     {0, PTR(&messages), 1, MSG_DONTWAIT},
     NULL,
     nothing},
};

/* Which number of socketcall, and on which socket; of socket, the domain. */
static const struct {
  int call;
  int* fd;
} socketcalls[] = {
    {SYS_CONNECT, &stream},    {SYS_CONNECT, &unbound},   {SYS_CONNECT, &stream},
    {SYS_BIND, &datagram},     {SYS_LISTEN, &server},     {SYS_ACCEPT, &server},
    {SYS_ACCEPT4, &server},    {SYS_SENDTO, &datagram},   {SYS_SEND, &datagram},
    {SYS_SENDMSG, &datagram},  {SYS_SOCKET, &packet},     {SYS_RECVFROM, &datagram},
    {SYS_RECV, &datagram},     {SYS_RECVMSG, &datagram},  {SYS_SENDMMSG, &datagram},
    {SYS_RECVMMSG, &datagram}, {SYS_RECVMMSG, &datagram},
};

/* A new socket with the same number and port: a socket that tried to connect has changed. */
static void make_stream(void) {
  if (stream) close(stream);
  stream = socket(AF_INET, SOCK_STREAM, 0);
  bind(stream, (struct sockaddr*)&own, sizeof(own));
}

static void make_sockets(void) {
  socklen_t len = sizeof(nowhere);
  int closed = socket(AF_INET, SOCK_STREAM, 0);

  /* A port without a server, one in use, and a socket that is never bound. */
  nowhere.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  bind(closed, (struct sockaddr*)&nowhere, sizeof(nowhere));
  getsockname(closed, (struct sockaddr*)&nowhere, &len);
  destination.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  datagram = socket(AF_INET, SOCK_DGRAM, 0);
  bind(datagram, (struct sockaddr*)&nowhere, sizeof(nowhere));
  own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  make_stream();
  getsockname(stream, (struct sockaddr*)&own, &len);
  destination.sin_port = htons(9);
  unbound = socket(AF_UNIX, SOCK_STREAM, 0);
  server = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  bind(server, NULL, 0);
  listen(server, 5);
  iov32[0] = (uint32_t)PTR(&byte);
  iov32[1] = 1;
  msg32[0] = (uint32_t)PTR(&destination);
  msg32[1] = sizeof(destination);
  msg32[2] = (uint32_t)PTR(iov32);
  msg32[3] = 1;
  close(closed);
}

/* A datagram to a port without a server comes back as an error of the next call: forget it. */
static void forget_error(int fd) {
  int error;
  socklen_t len = sizeof(error);

  usleep(10000);
  getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len);
}

static void run_socket(unsigned int i, bool by_socketcall) {
  static uint32_t block[6];
  const struct twin* twin = &sockets[i];
  long args[6];
  unsigned int n;

  if (!by_socketcall && !twin->nr32) return;
  CASE("%s: %s", by_socketcall ? "socketcall" : "int 0x80", twin->name);
  memcpy(args, twin->args, sizeof(args));
  args[0] = *socketcalls[i].fd;
  if (args[0] == stream) make_stream();
  rings_flush();
  native.ret = kernel_ret(syscall(twin->nr, args[0], args[1], args[2], args[3], args[4], args[5]));
  native.rec = rings_take_mine(twin->event);
  twin->after(native.ret);
  forget_error((int)args[0]);
  if (args[0] == stream) make_stream();
  if (twin->nr == SYS_sendmsg || twin->nr == SYS_recvmsg || twin->nr == SYS_sendmmsg ||
      twin->nr == SYS_recvmmsg)
    args[1] = PTR(msg32);
  for (n = 0; n < 6; n++) block[n] = (uint32_t)args[n];
  other.ret = by_socketcall ? int80(102, (long[6]){socketcalls[i].call, PTR(block)})
                            : int80(twin->nr32, args);
  other.rec = rings_take_mine(twin->event);
  twin->after(other.ret);
  forget_error((int)args[0]);
  compare(SAKER_REC_COMPAT);
}

/* The arguments are in a page that is not in memory when the call begins; they are read after
 * the kernel has fetched it. */
static void absent_arguments(void) {
  const uint32_t block[6] = {(uint32_t)stream, (uint32_t)PTR(&nowhere), sizeof(nowhere)};
  int fd = open("arguments", O_CREAT | O_RDWR, 0600);
  const struct saker_rec* rec;
  void* page;

  CASE("socketcall, arguments not in memory");
  if (write(fd, block, sizeof(block)) != sizeof(block)) abort();
  page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_32BIT, fd, 0);
  madvise(page, 4096, MADV_RANDOM);
  rings_flush();
  check_number("result", (uint64_t)int80(102, (long[6]){SYS_CONNECT, PTR(page)}),
               (uint64_t)-ECONNREFUSED);
  rec = rings_take_mine(SAKER_EV_connect);
  U64(sock_fd, stream);
  BLOB(sock_addr, &nowhere, sizeof(nowhere));
  RET(-ECONNREFUSED);
  munmap(page, 4096);

  CASE("socketcall, arguments nowhere");
  rings_flush();
  check_number("result", (uint64_t)int80(102, (long[6]){SYS_CONNECT, 16}), (uint64_t)-EFAULT);
  rec = rings_take_mine(SAKER_EV_connect);
  U64(sock_fd, -1);
  ABSENT(sock_addr);
  ABSENT(sock_sock);
  RET(-EFAULT);
  close(fd);
  unlink("arguments");
}

static void odd_numbers(void) {
  static const uint32_t numbers[] = {0x7fffffff,     0x80000000, 0xffffffff,
                                     0x40000000 | 5, 1u << 20,   2047};
  const long args[6] = {0};
  unsigned int i;

  CASE("numbers that no call has");
  rings_flush();
  for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
    check_that(int80(numbers[i], args) == -ENOSYS, "int 0x80: ENOSYS");
    check_that(syscall((long)numbers[i], 0, 0, 0, 0, 0, 0) == -1 && errno == ENOSYS,
               "syscall: ENOSYS");
    check_that(syscall((long)(int)numbers[i], 0, 0, 0, 0, 0, 0) == -1 && errno == ENOSYS,
               "syscall, negative: ENOSYS");
    check_that(int80(102, (long[6]){numbers[i], PTR(twins)}) == -EINVAL, "socketcall: EINVAL");
  }
  check_that(int80(102, (long[6]){0, PTR(twins)}) == -EINVAL, "socketcall 0");
  check_that(int80(102, (long[6]){SYS_SENDMMSG + 1, PTR(twins)}) == -EINVAL,
             "socketcall past the last");
  for (i = 0; i < SAKER_EV_MAX; i++)
    if (rings_take_mine((uint16_t)i)) break;
  check_number("no record of them", i, SAKER_EV_MAX);
}

void test_doors(void) {
  unsigned int i;

  for (i = 0; i < sizeof(twins) / sizeof(twins[0]); i++) run_twin(&twins[i]);
  oldumount();
  make_sockets();
  for (i = 0; i < sizeof(sockets) / sizeof(sockets[0]); i++) {
    run_socket(i, false);
    run_socket(i, true);
  }
  absent_arguments();
  odd_numbers();
  close(stream);
  close(datagram);
  close(unbound);
  close(server);
}
