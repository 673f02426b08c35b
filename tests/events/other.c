/* SPDX-License-Identifier: Apache-2.0 */
/* ptrace, mount, namespaces, modules, bpf, memfd_create, descriptors, credentials. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "child.h"
#include "rings.h"
#include "tests.h"

static void tracing(void) {
  const struct saker_rec* rec;
  pid_t pid = fork();
  long ret;

  if (!pid) {
    pause();
    _exit(0);
  }
  CASE("ptrace");
  rings_flush();
  ret = syscall(SYS_ptrace, PTRACE_SEIZE, pid, 0, PTRACE_O_EXITKILL);
  rec = rings_take_mine(SAKER_EV_ptrace);
  HEAD(ptrace_data);
  RET(ret);
  U64(ptrace_request, PTRACE_SEIZE);
  U64(ptrace_pid, pid);
  U64(ptrace_vpid, pid);
  U64(ptrace_addr, 0);
  U64(ptrace_data, PTRACE_O_EXITKILL);

  CASE("ptrace, nobody there");
  rings_flush();
  syscall(SYS_ptrace, PTRACE_ATTACH, 0x3fffff, 1, 2);
  rec = rings_take_mine(SAKER_EV_ptrace);
  RET(-ESRCH);
  U64(ptrace_pid, 0);
  U64(ptrace_vpid, 0x3fffff);
  U64(ptrace_addr, 1);
  U64(ptrace_data, 2);
  kill(pid, SIGKILL);
  waitpid(pid, NULL, 0);
}

static void mounting(void) {
  const struct saker_rec* rec;
  long ret;

  CASE("mount");
  mkdir("/tmp/t/m", 0755);
  rings_flush();
  ret = mount("none", "m", "tmpfs", MS_NOSUID | MS_NODEV, "size=4k");
  rec = rings_take_mine(SAKER_EV_mount);
  HEAD(mount_path);
  RET(ret);
  STR(mount_dev, "none");
  STR(mount_dir, "m");
  STR(mount_type, "tmpfs");
  U64(mount_flags, MS_NOSUID | MS_NODEV);
  STR(mount_base, "/tmp/t");
  STR(mount_path, "/tmp/t/m");

  CASE("umount2");
  rings_flush();
  ret = umount2("/tmp/t/dir/../m", MNT_DETACH);
  rec = rings_take_mine(SAKER_EV_umount2);
  HEAD(mount_path);
  RET(ret);
  ABSENT(mount_dev);
  ABSENT(mount_type);
  STR(mount_dir, "/tmp/t/dir/../m");
  ABSENT(mount_base);
  STR(mount_path, "/tmp/t/m");
  U64(mount_flags, MNT_DETACH);

  CASE("mount --bind");
  rings_flush();
  ret = mount("/tmp/t/dir", "/tmp/t/m", NULL, MS_BIND, NULL);
  rec = rings_take_mine(SAKER_EV_mount);
  RET(ret);
  STR(mount_dev, "/tmp/t/dir");
  ABSENT(mount_type);
  STR(mount_path, "/tmp/t/m");
  ABSENT(mount_base);
  umount("/tmp/t/m");

  CASE("mount, no such type");
  rings_flush();
  mount("none", "/tmp/t/m", "nonesuch", 0, NULL);
  rec = rings_take_mine(SAKER_EV_mount);
  RET(-ENODEV);
  STR(mount_type, "nonesuch");
  STR(mount_path, "/tmp/t/m");
}

static uint64_t ns_of(const char* name) {
  char path[64];
  struct stat st;

  snprintf(path, sizeof(path), "/proc/self/ns/%s", name);
  return stat(path, &st) ? 0 : st.st_ino;
}

static void unshare_net(void) {
  int back = open("/proc/self/ns/net", O_RDONLY);

  if (unshare(CLONE_NEWNET | CLONE_NEWUTS) || setns(back, CLONE_NEWNET)) perror("unshare");
}

static void namespaces(void) {
  const struct saker_rec* rec;
  pid_t pid;

  CASE("unshare");
  rings_flush();
  pid = child_runs(unshare_net);
  rec = rings_take(SAKER_EV_unshare, pid);
  check_head(rec, pid, SAKER_P_ns_ns_user + 1);
  RET(0);
  U64(ns_fd, -1);
  U64(ns_flags, CLONE_NEWNET | CLONE_NEWUTS);
  U64(ns_ns_mnt, ns_of("mnt"));
  U64(ns_ns_pid, ns_of("pid"));
  U64(ns_ns_user, ns_of("user"));
  check_that(slot_of(rec, SAKER_P_ns_ns_net) > 0xf0000000 &&
                 slot_of(rec, SAKER_P_ns_ns_net) != ns_of("net"),
             "ns_ns_net");
  CASE("setns");
  rec = rings_take(SAKER_EV_setns, pid);
  check_head(rec, pid, SAKER_P_ns_ns_user + 1);
  RET(0);
  check_that((int)slot_of(rec, SAKER_P_ns_fd) > 2, "ns_fd");
  U64(ns_flags, CLONE_NEWNET);
  U64(ns_ns_net, ns_of("net"));

  CASE("setns, no such descriptor");
  rings_flush();
  setns(777, 0);
  rec = rings_take_mine(SAKER_EV_setns);
  RET(-EBADF);
  U64(ns_fd, 777);
  U64(ns_flags, 0);
}

static void modules(void) {
  static char image[4096];
  const struct saker_rec* rec;
  int fd = open("/tmp/t/dir/file", O_RDONLY);

  CASE("init_module");
  rings_flush();
  syscall(SYS_init_module, image, sizeof(image), "debug=1");
  rec = rings_take_mine(SAKER_EV_init_module);
  HEAD(module_flags);
  RET(-ENOEXEC);
  U64(module_fd, -1);
  ABSENT(module_path);
  STR(module_uargs, "debug=1");
  U64(module_length, sizeof(image));
  U64(module_flags, 0);

  CASE("finit_module");
  rings_flush();
  errno = 0;
  syscall(SYS_finit_module, fd, "evil=yes", 2);
  rec = rings_take_mine(SAKER_EV_finit_module);
  HEAD(module_flags);
  RET(-errno);
  U64(module_fd, fd);
  STR(module_path, "/tmp/t/dir/file");
  STR(module_uargs, "evil=yes");
  U64(module_length, 0);
  U64(module_flags, 2);
  close(fd);
}

static void bpf_call(void) {
  union bpf_attr attr = {
      .map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 8, .max_entries = 1};
  const struct saker_rec* rec;
  long fd;

  CASE("bpf");
  rings_flush();
  fd = syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr));
  rec = rings_take_mine(SAKER_EV_bpf);
  HEAD(bpf_size);
  RET(fd < 0 ? -errno : fd);
  U64(bpf_fd, fd < 0 ? -errno : fd);
  U64(bpf_cmd, BPF_MAP_CREATE);
  U64(bpf_size, sizeof(attr));
  close((int)fd);
}

static void memfd(void) {
  const struct saker_rec* rec;
  int fd;

  CASE("memfd_create");
  rings_flush();
  fd = memfd_create("evil", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  rec = rings_take_mine(SAKER_EV_memfd_create);
  HEAD(memfd_flags);
  RET(fd);
  U64(memfd_fd, fd);
  STR(memfd_name, "evil");
  U64(memfd_flags, MFD_CLOEXEC | MFD_ALLOW_SEALING);
  close(fd);
}

static void copies_of_files(void) {
  const struct saker_rec* rec;
  int file = open("/tmp/t/dir/file", O_RDONLY), copy;

  CASE("dup of a file");
  rings_flush();
  copy = dup(file);
  rec = rings_take_mine(SAKER_EV_dup);
  HEAD(dup_path);
  RET(copy);
  U64(dup_fd, copy);
  U64(dup_oldfd, file);
  U64(dup_newfd, -1);
  U64(dup_flags, 0);
  U64(dup_fdtype, 'f');
  ABSENT(dup_sock);
  STR(dup_path, "/tmp/t/dir/file");
  close(copy);

  CASE("dup2 over a number in use");
  rings_flush();
  syscall(SYS_dup2, file, 0);
  rec = rings_take_mine(SAKER_EV_dup2);
  HEAD(dup_path);
  RET(0);
  U64(dup_fd, 0);
  U64(dup_oldfd, file);
  U64(dup_newfd, 0);
  U64(dup_fdtype, 'f');
  STR(dup_path, "/tmp/t/dir/file");

  CASE("dup3");
  rings_flush();
  syscall(SYS_dup3, file, 99, O_CLOEXEC);
  rec = rings_take_mine(SAKER_EV_dup3);
  HEAD(dup_path);
  RET(99);
  U64(dup_newfd, 99);
  U64(dup_flags, O_CLOEXEC);

  CASE("dup, no such descriptor");
  rings_flush();
  dup(777);
  rec = rings_take_mine(SAKER_EV_dup);
  RET(-EBADF);
  U64(dup_fd, -EBADF);
  U64(dup_oldfd, 777);
  U64(dup_fdtype, SAKER_FD_NONE);
  ABSENT(dup_sock);
  ABSENT(dup_path);
  close(99);
  close(file);
}

static void copies_of_sockets(void) {
  struct sockaddr_in addr = {
      .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(7)};
  struct saker_sock want = {.family = AF_INET,
                            .type = SOCK_DGRAM,
                            .protocol = IPPROTO_UDP,
                            .remote_port = 7,
                            .flags = SAKER_SOCK_CONNECTED,
                            .local = {127, 0, 0, 1},
                            .remote = {127, 0, 0, 1}};
  socklen_t len = sizeof(addr);
  const struct saker_rec* rec;
  int sock = socket(AF_INET, SOCK_DGRAM, 0), copy;

  CASE("dup2 of a connected socket, as a reverse shell does");
  connect(sock, (struct sockaddr*)&addr, sizeof(addr));
  getsockname(sock, (struct sockaddr*)&addr, &len);
  want.local_port = ntohs(addr.sin_port);
  rings_flush();
  copy = dup2(sock, 0);
  rec = rings_take_mine(SAKER_EV_dup2);
  RET(copy);
  U64(dup_fdtype, '4');
  BLOB(dup_sock, &want, sizeof(want));
  ABSENT(dup_path);
  close(sock);
}

static void kinds(void) {
  const struct {
    int fd;
    unsigned int type;
  } kinds[] = {
      {eventfd(0, 0), 'e'},
      {epoll_create1(0), 'l'},
      {memfd_create("m", 0), 'm'},
      {socket(AF_NETLINK, SOCK_RAW, 0), 'n'},
      {socket(AF_UNIX, SOCK_DGRAM, 0), 'u'},
      {open("/tmp", O_RDONLY), 'd'},
      {(int)syscall(SYS_pidfd_open, getpid(), 0), 'P'},
      {socket(AF_INET6, SOCK_STREAM, 0), '6'},
  };
  unsigned int i;

  for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
    const struct saker_rec* rec;
    int copy;

    CASE("dup, what it is: %c", kinds[i].type);
    rings_flush();
    copy = dup(kinds[i].fd);
    rec = rings_take_mine(SAKER_EV_dup);
    U64(dup_fdtype, kinds[i].type);
    close(copy);
    close(kinds[i].fd);
  }
}

static void setuids(void) {
  syscall(SYS_setresgid, 30, 31, 32);
  syscall(SYS_setregid, -1, 30);
  syscall(SYS_setgid, 33);
  syscall(SYS_setresuid, 20, 21, 22);
  syscall(SYS_setreuid, -1, 20);
  syscall(SYS_setuid, 22);
  syscall(SYS_setuid, 0);
}

/* After each call of the child above. */
static void credentials(void) {
  static const struct {
    const char* what;
    uint16_t event;
    int ret;
    int64_t arg[3], uid[3], gid[3];
  } steps[] = {
      {"setresgid", SAKER_EV_setresgid, 0, {30, 31, 32}, {0, 0, 0}, {30, 31, 32}},
      {"setregid", SAKER_EV_setregid, 0, {-1, 30, -1}, {0, 0, 0}, {30, 30, 32}},
      {"setgid", SAKER_EV_setgid, 0, {33, -1, -1}, {0, 0, 0}, {33, 33, 33}},
      {"setresuid", SAKER_EV_setresuid, 0, {20, 21, 22}, {20, 21, 22}, {33, 33, 33}},
      {"setreuid", SAKER_EV_setreuid, 0, {-1, 20, -1}, {20, 20, 22}, {33, 33, 33}},
      {"setuid", SAKER_EV_setuid, 0, {22, -1, -1}, {20, 22, 22}, {33, 33, 33}},
      {"setuid, refused", SAKER_EV_setuid, -EPERM, {0, -1, -1}, {20, 22, 22}, {33, 33, 33}},
  };
  const struct saker_rec* rec;
  unsigned int i, j;
  pid_t pid;

  rings_flush();
  pid = child_runs(setuids);
  for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
    CASE("%s", steps[i].what);
    rec = rings_take(steps[i].event, pid);
    RET(steps[i].ret);
    if (rec) check_number("head: nparams", rec->nparams, SAKER_P_cred_cap_effective + 1);
    for (j = 0; j < 3; j++) {
      check_u64(rec, "cred_arg", SAKER_P_cred_arg0 + j, (uint32_t)steps[i].arg[j]);
      check_u64(rec, "cred_uid, euid, suid", SAKER_P_cred_uid + j, (uint64_t)steps[i].uid[j]);
      check_u64(rec, "cred_gid, egid, sgid", SAKER_P_cred_gid + j, (uint64_t)steps[i].gid[j]);
    }
    U64(cred_cap_inheritable, 0);
    check_that(steps[i].uid[0] ? !slot_of(rec, SAKER_P_cred_cap_effective)
                               : (slot_of(rec, SAKER_P_cred_cap_effective) & 1),
               "cred_cap_effective");
    check_that(steps[i].uid[0] ? !slot_of(rec, SAKER_P_cred_cap_permitted)
                               : (slot_of(rec, SAKER_P_cred_cap_permitted) & 1),
               "cred_cap_permitted");
  }
}

void test_other(void) {
  tracing();
  mounting();
  namespaces();
  modules();
  bpf_call();
  memfd();
  copies_of_files();
  copies_of_sockets();
  kinds();
  credentials();
}
