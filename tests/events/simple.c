/* SPDX-License-Identifier: Apache-2.0 */
/* Calls whose arguments say all: signals, directories, sessions, prctl, capabilities, pidfds. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "child.h"
#include "int80.h"
#include "rings.h"
#include "tests.h"

static void check_numbers(const struct saker_rec* rec, const uint64_t* numbers) {
  unsigned int n;

  for (n = 0; n < 5; n++) check_u64(rec, "a number", SAKER_P_simple_arg0 + n, numbers[n]);
}

#define NUMBERS(...) check_numbers(rec, (uint64_t[5]){__VA_ARGS__})

static void no_texts(const struct saker_rec* rec) {
  ABSENT(simple_name);
  ABSENT(simple_base);
  ABSENT(simple_path);
  ABSENT(simple_cwd);
}

/* A call whose numbers are reported as they are, through both doors. */
static void numbers_case(const char* name, uint16_t event, long nr, long nr32, const long* args,
                         const uint64_t* numbers) {
  const struct saker_rec* rec;
  unsigned int door;
  long ret;

  for (door = 0; door < 2; door++) {
    CASE("%s%s", name, door ? ", by int 0x80" : "");
    rings_flush();
    ret = door ? int80(nr32, args) : syscall(nr, args[0], args[1], args[2], args[3], args[4], 0);
    if (!door && ret < 0) ret = -errno;
    rec = rings_take_mine(event);
    check_door(rec, door != 0, SAKER_P_simple_cwd + 1);
    RET(ret);
    check_numbers(rec, numbers);
    no_texts(rec);
    U64(simple_fd, -1);
    U64(simple_fdtype, 0);
  }
}

#define CASE_OF(name, nr32, args, ...) \
  numbers_case(#name, SAKER_EV_##name, SYS_##name, nr32, (long[5])args, (uint64_t[5]){__VA_ARGS__})
#define A(...) \
  { __VA_ARGS__ }

static void numbers(void) {
  const uint64_t no_group = (uint64_t)-0x3fffff;
  const long self = getpid();

  CASE_OF(kill, 37, A(self, 0), (uint64_t)self, 0);
  CASE_OF(kill, 37, A(-0x3fffff, SIGKILL), no_group, SIGKILL);
  CASE_OF(kill, 37, A(self, -3), (uint64_t)self, (uint64_t)-3);
  CASE_OF(tkill, 238, A(self, 0), (uint64_t)self, 0);
  CASE_OF(tgkill, 270, A(self, -1, SIGTERM), (uint64_t)self, (uint64_t)-1, SIGTERM);
  CASE_OF(setpgid, 57, A(0x3fffff, -1), 0x3fffff, (uint64_t)-1);
  CASE_OF(prctl, 172, A(PR_GET_DUMPABLE, 1, 2, 3, 4), PR_GET_DUMPABLE, 1, 2, 3, 4);
  CASE_OF(seccomp, 354, A(SECCOMP_GET_ACTION_AVAIL, 0, 8), SECCOMP_GET_ACTION_AVAIL, 0);
  CASE_OF(seccomp, 354, A(99, 0x80000001), 99, 0x80000001);
  CASE_OF(process_vm_readv, 347, A(-2, 8, 1, 8, 1), (uint64_t)-2);
  CASE_OF(process_vm_writev, 348, A(self, 0, 0, 0, 0), (uint64_t)self);
}

static void named(void) {
  const struct saker_rec* rec;
  char name[16];

  CASE("prctl, the name of a thread");
  prctl(PR_GET_NAME, name);
  rings_flush();
  prctl(PR_SET_NAME, "other");
  rec = rings_take_mine(SAKER_EV_prctl);
  HEAD(simple_cwd);
  RET(0);
  U64(simple_arg0, PR_SET_NAME);
  STR(simple_name, "other");
  ABSENT(simple_base);
  ABSENT(simple_path);
  prctl(PR_SET_NAME, name);

  CASE("prctl, no name there");
  rings_flush();
  syscall(SYS_prctl, PR_SET_NAME, 8, 0, 0, 0);
  rec = rings_take_mine(SAKER_EV_prctl);
  RET(-EFAULT);
  UNREADABLE(simple_name);

  CASE("delete_module");
  rings_flush();
  syscall(SYS_delete_module, "no_such_module", O_NONBLOCK);
  rec = rings_take_mine(SAKER_EV_delete_module);
  HEAD(simple_cwd);
  RET(-ENOENT);
  STR(simple_name, "no_such_module");
  U64(simple_arg1, O_NONBLOCK);
  ABSENT(simple_base);
}

static void no_capabilities(void) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct data[2] = {{.effective = 1u << CAP_KILL,
                                            .permitted = 1u << CAP_KILL | 1u << CAP_SETUID,
                                            .inheritable = 1u << CAP_SETUID}};

  syscall(SYS_capset, &header, data);
}

static void capabilities(void) {
  const struct saker_rec* rec;
  pid_t pid;

  CASE("capset: what the caller has afterwards");
  rings_flush();
  pid = child_runs(no_capabilities);
  rec = rings_take(SAKER_EV_capset, pid);
  check_head(rec, pid, SAKER_P_simple_cwd + 1);
  RET(0);
  NUMBERS(1u << CAP_SETUID, 1u << CAP_KILL | 1u << CAP_SETUID, 1u << CAP_KILL, 0, 0);
  no_texts(rec);
}

static void directories(void) {
  const struct saker_rec* rec;
  int fd = open("/tmp/t", O_PATH | O_DIRECTORY);

  CASE("chdir");
  rings_flush();
  if (chdir("dir/../dir")) return;
  rec = rings_take_mine(SAKER_EV_chdir);
  HEAD(simple_cwd);
  RET(0);
  STR(simple_name, "dir/../dir");
  ABSENT(simple_base);
  STR(simple_path, "/tmp/t/dir");
  STR(simple_cwd, "/tmp/t/dir");
  U64(simple_fd, -1);
  NUMBERS(0);

  CASE("chdir to nowhere");
  rings_flush();
  check_number("chdir", (uint64_t)chdir("no/such"), (uint64_t)-1);
  rec = rings_take_mine(SAKER_EV_chdir);
  RET(-ENOENT);
  STR(simple_name, "no/such");
  STR(simple_base, "/tmp/t/dir");
  ABSENT(simple_path);
  ABSENT(simple_cwd);

  CASE("fchdir");
  rings_flush();
  if (fchdir(fd)) return;
  rec = rings_take_mine(SAKER_EV_fchdir);
  HEAD(simple_cwd);
  RET(0);
  U64(simple_fd, fd);
  ABSENT(simple_name);
  STR(simple_path, "/tmp/t");
  STR(simple_cwd, "/tmp/t");

  CASE("fchdir of nothing");
  rings_flush();
  syscall(SYS_fchdir, -9);
  rec = rings_take_mine(SAKER_EV_fchdir);
  RET(-EBADF);
  U64(simple_fd, -9);
  ABSENT(simple_path);
  close(fd);
}

static void other_root(void) {
  if (chroot("dir") || chdir("/") || chroot("/no/such") != -1) _exit(1);
}

static void roots(void) {
  const struct saker_rec* rec;
  pid_t pid;

  CASE("chroot");
  rings_flush();
  pid = child_runs(other_root);
  rec = rings_take(SAKER_EV_chroot, pid);
  check_head(rec, pid, SAKER_P_simple_cwd + 1);
  RET(0);
  STR(simple_name, "dir");
  STR(simple_path, "/tmp/t/dir");

  CASE("chdir in there: the process names it as it sees it");
  rec = rings_take(SAKER_EV_chdir, pid);
  RET(0);
  STR(simple_path, "/tmp/t/dir");
  STR(simple_cwd, "/");

  CASE("chroot to nowhere, after a chroot");
  rec = rings_take(SAKER_EV_chroot, pid);
  RET(-ENOENT);
  STR(simple_name, "/no/such");
  ABSENT(simple_base);
  ABSENT(simple_path);
}

static void new_session(void) { setsid(); }

static void leader_again(void) {
  setsid();
  int80(66, (long[5]){0});
}

static void new_group(void) { setpgid(0, 0); }

static void sessions(void) {
  const struct saker_rec* rec;
  int wait_here[2];
  pid_t pid;
  char c;

  CASE("setsid");
  rings_flush();
  pid = child_runs(new_session);
  rec = rings_take(SAKER_EV_setsid, pid);
  check_head(rec, pid, SAKER_P_simple_cwd + 1);
  RET(pid);
  NUMBERS((uint64_t)pid, 0, (uint64_t)pid, (uint64_t)pid, (uint64_t)pid);
  no_texts(rec);

  CASE("setsid of a leader, by int 0x80");
  rings_flush();
  pid = child_runs(leader_again);
  check_number("records", rings_count(SAKER_EV_setsid, pid), 2);
  rings_take(SAKER_EV_setsid, pid);
  rec = rings_take(SAKER_EV_setsid, pid);
  check_that(rec && (rec->flags & SAKER_REC_COMPAT), "it came by the 32-bit door");
  RET(-EPERM);
  NUMBERS(0);

  CASE("setpgid of the caller");
  rings_flush();
  pid = child_runs(new_group);
  rec = rings_take(SAKER_EV_setpgid, pid);
  RET(0);
  NUMBERS(0, 0, (uint64_t)pid, (uint64_t)pid, (uint64_t)pid);

  CASE("setpgid of a child");
  if (pipe(wait_here)) return;
  rings_flush();
  pid = fork();
  if (pid == 0) {
    close(wait_here[1]);
    _exit(read(wait_here[0], &c, 1) != 0);
  }
  setpgid(pid, pid);
  rec = rings_take_mine(SAKER_EV_setpgid);
  RET(0);
  NUMBERS((uint64_t)pid, (uint64_t)pid, (uint64_t)pid, (uint64_t)pid, (uint64_t)pid);
  close(wait_here[1]);
  close(wait_here[0]);
  waitpid(pid, NULL, 0);
}

static void pidfds(void) {
  const struct saker_rec* rec;
  int fd, copy;

  CASE("pidfd_open");
  rings_flush();
  fd = (int)syscall(SYS_pidfd_open, getpid(), 0);
  rec = rings_take_mine(SAKER_EV_pidfd_open);
  HEAD(simple_cwd);
  RET(fd);
  U64(simple_fd, fd);
  U64(simple_fdtype, SAKER_FD_PIDFD);
  U64(simple_arg0, getpid());
  U64(simple_arg1, 0);

  CASE("pidfd_getfd");
  rings_flush();
  copy = (int)syscall(SYS_pidfd_getfd, fd, fd, 0);
  rec = rings_take_mine(SAKER_EV_pidfd_getfd);
  HEAD(simple_cwd);
  RET(copy);
  U64(simple_fd, copy);
  U64(simple_fdtype, SAKER_FD_PIDFD);
  NUMBERS((uint64_t)fd, (uint64_t)fd, 0, 0, 0);
  close(copy);
  close(fd);

  CASE("pidfd_open with a wrong pid and wrong flags");
  rings_flush();
  syscall(SYS_pidfd_open, -5, 0x80000000);
  rec = rings_take_mine(SAKER_EV_pidfd_open);
  RET(-EINVAL);
  U64(simple_fd, -EINVAL);
  U64(simple_fdtype, 0);
  U64(simple_arg0, -5);
  U64(simple_arg1, 0x80000000);
}

void test_simple(void) {
  numbers();
  named();
  capabilities();
  directories();
  roots();
  sessions();
  pidfds();
}
