/* SPDX-License-Identifier: Apache-2.0 */
/* execve, execveat: all parameters, compared with /proc of the program while it runs. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "child.h"
#include "rings.h"
#include "tests.h"

struct program {
  const char* file;
  char **argv, **envp;
  const char *chroot, *cwd, *cgroup;
  unsigned int user;
  int fd; /* execveat of this, if not 0 */
};

static char* wait_argv[] = {"events", "child-wait", "two words", "", NULL};
static char* wait_envp[] = {"HOME=/root", "LD_PRELOAD=/tmp/evil.so", NULL};

#define GROUPS "/sys/fs/cgroup"

static bool join(const char* cgroup) {
  char path[PATH_MAX];
  int fd;

  snprintf(path, sizeof(path), GROUPS "%s/cgroup.procs", cgroup);
  fd = open(path, O_WRONLY);
  return fd >= 0 && write(fd, "0", 1) == 1 && !close(fd);
}

static void start(void* arg) {
  const struct program* program = arg;

  if (program->cgroup && !join(program->cgroup)) perror(program->cgroup);
  if (program->chroot && chroot(program->chroot)) perror("chroot");
  if (program->cwd && chdir(program->cwd)) perror("chdir");
  if (program->user && (setresgid(program->user, program->user, program->user) ||
                        setresuid(program->user, program->user, program->user)))
    perror("setresuid");
  if (program->fd)
    syscall(SYS_execveat, program->fd, "", program->argv, program->envp, AT_EMPTY_PATH);
  else
    execve(program->file, program->argv, program->envp);
}

static size_t proc_file(pid_t pid, const char* name, char* buf, size_t room) {
  char path[64];
  ssize_t len, sum = 0;
  int fd;

  snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
  fd = open(path, O_RDONLY);
  while ((len = read(fd, buf + sum, room - 1 - (size_t)sum)) > 0) sum += len;
  close(fd);
  buf[sum] = 0;
  return (size_t)sum;
}

static uint64_t proc_status(pid_t pid, const char* name, int base) {
  static char buf[8192];
  char* at;

  proc_file(pid, "status", buf, sizeof(buf));
  at = strstr(buf, name);
  return at ? strtoull(at + strlen(name), NULL, base) : 0;
}

static uint64_t proc_stat(pid_t pid, unsigned int field) {
  static char buf[4096];
  unsigned int i;
  char* at;

  proc_file(pid, "stat", buf, sizeof(buf));
  at = strrchr(buf, ')') + 2;
  for (i = 3; i < field; i++) at = strchr(at, ' ') + 1;
  return strtoull(at, NULL, 10);
}

static uint64_t proc_ns(pid_t pid, const char* name) {
  char path[64], to[64] = "";

  snprintf(path, sizeof(path), "/proc/%d/ns/%s", pid, name);
  if (readlink(path, to, sizeof(to) - 1) < 0) perror(path);
  return strtoull(strchr(to, '[') + 1, NULL, 10);
}

static void check_strings(const struct saker_rec* rec, pid_t pid) {
  static char buf[PATH_MAX + 1];
  char path[64];
  size_t len;

  len = proc_file(pid, "cmdline", buf, sizeof(buf));
  BLOB(exec_args, buf, len);
  U64(exec_args_len, len);
  len = proc_file(pid, "environ", buf, sizeof(buf));
  BLOB(exec_env, buf, len);
  U64(exec_env_len, len);
  len = proc_file(pid, "comm", buf, sizeof(buf));
  BLOB(exec_comm, buf, len - 1);
  snprintf(path, sizeof(path), "/proc/%d/exe", pid);
  memset(buf, 0, sizeof(buf));
  check_that(readlink(path, buf, PATH_MAX) > 0, "exe can be read");
  STR(exec_exepath, buf);
  snprintf(path, sizeof(path), "/proc/%d/cwd", pid);
  memset(buf, 0, sizeof(buf));
  check_that(readlink(path, buf, PATH_MAX) > 0, "cwd can be read");
  STR(exec_cwd, buf);
}

static void check_cgroup(const struct saker_rec* rec, pid_t pid) {
  char buf[PATH_MAX], path[PATH_MAX + 32];
  struct stat st;
  char* at;

  proc_file(pid, "cgroup", buf, sizeof(buf));
  at = strstr(buf, "0::/");
  if (!at) {
    check_that(false, "cgroup can be read");
    return;
  }
  at += 3;
  at[strcspn(at, "\n")] = 0;
  STR(exec_cgroup, at);
  snprintf(path, sizeof(path), GROUPS "%s", at);
  if (stat(path, &st)) perror(path);
  U64(exec_cgroup_id, st.st_ino);
}

static void check_identity(const struct saker_rec* rec, pid_t pid, unsigned int user) {
  char buf[64];

  U64(exec_ppid, getpid());
  U64(exec_vpid, pid);
  U64(exec_pgid, getpgid(pid));
  U64(exec_vpgid, getpgid(pid));
  U64(exec_sid, getsid(pid));
  U64(exec_tty, proc_stat(pid, 7));
  proc_file(pid, "loginuid", buf, sizeof(buf));
  U64(exec_loginuid, strtoull(buf, NULL, 10));
  U64(exec_uid, user);
  U64(exec_euid, user);
  U64(exec_gid, user);
  U64(exec_egid, user);
  U64(exec_cap_inheritable, proc_status(pid, "CapInh:", 16));
  U64(exec_cap_permitted, proc_status(pid, "CapPrm:", 16));
  U64(exec_cap_effective, proc_status(pid, "CapEff:", 16));
  check_number("exec_start_time, in clock ticks", slot_of(rec, SAKER_P_exec_start_time) / 10000000,
               proc_stat(pid, 22));
  U64(exec_ns_mnt, proc_ns(pid, "mnt"));
  U64(exec_ns_pid, proc_ns(pid, "pid"));
  U64(exec_ns_net, proc_ns(pid, "net"));
  U64(exec_ns_user, proc_ns(pid, "user"));
  U64(exec_ns_uts, proc_ns(pid, "uts"));
  U64(exec_ns_ipc, proc_ns(pid, "ipc"));
  U64(exec_ns_cgroup, proc_ns(pid, "cgroup"));
}

static void check_exe(const struct saker_rec* rec, const char* file, uint64_t flags) {
  struct stat st;

  if (stat(file, &st)) perror(file);
  U64(exec_exe_flags, flags);
  U64(exec_exe_ino, st.st_ino);
  U64(exec_exe_dev, kernel_dev(st.st_dev));
  U64(exec_exe_ctime, (uint64_t)st.st_ctim.tv_sec * 1000000000 + (uint64_t)st.st_ctim.tv_nsec);
  U64(exec_exe_mtime, (uint64_t)st.st_mtim.tv_sec * 1000000000 + (uint64_t)st.st_mtim.tv_nsec);
}

static void everything(const char* self, unsigned int user) {
  struct program program = {
      .file = self, .argv = wait_argv, .envp = wait_envp, .user = user, .cwd = "/tmp/t/dir"};
  const struct saker_rec* rec;
  struct child child;

  CASE("execve by user %u", user);
  rings_flush();
  child = child_starts(start, &program);
  check_that(child.runs, "it runs");
  rec = rings_take(SAKER_EV_execve, child.pid);
  if (rec) {
    check_number("head: nparams", rec->nparams, SAKER_P_exec_root + 1);
    check_number("head: tid", rec->tid, (uint64_t)child.pid);
    check_number("head: uid", rec->uid, user);
  }
  RET(0);
  STR(exec_filename, self);
  ABSENT(exec_root);
  check_strings(rec, child.pid);
  check_cgroup(rec, child.pid);
  check_identity(rec, child.pid, user);
  check_exe(rec, self, user ? 0 : SAKER_EXE_WRITABLE);
  child_ends(&child);
}

#define LONG_NAME "a-name-of-a-group-that-is-long-enough-for-four-to-fill-a-path-of-256-bytes"

/* One group after the other on one CPU: the module remembers the path of the last one. */
static void grouped(const char* self) {
  static const char* const groups[] = {
      "/one",        "/one",
      "/one/two",    "",
      "/one",        "/one",
      "/two",        "/one/two",
      "/" LONG_NAME, "/" LONG_NAME "/" LONG_NAME "/" LONG_NAME "/" LONG_NAME,
      "/" LONG_NAME, "/again"};
  struct program program = {.file = self, .argv = wait_argv, .envp = wait_envp};
  char made[32][PATH_MAX];
  unsigned int i, n = 0;
  cpu_set_t one, all;

  sched_getaffinity(0, sizeof(all), &all);
  CPU_ZERO(&one);
  CPU_SET(0, &one);
  sched_setaffinity(0, sizeof(one), &one);
  for (i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
    const struct saker_rec* rec;
    struct child child;
    const char* at;

    CASE("execve in the control group %.40s", *groups[i] ? groups[i] : "/");
    for (at = groups[i]; *at; at += 1 + strcspn(at + 1, "/")) {
      snprintf(made[n], sizeof(made[n]), GROUPS "%.*s",
               (int)(at - groups[i] + 1 + (long)strcspn(at + 1, "/")), groups[i]);
      if (!mkdir(made[n], 0755)) n++;
    }
    rings_flush();
    program.cgroup = groups[i];
    child = child_starts(start, &program);
    rec = rings_take(SAKER_EV_execve, child.pid);
    check_cgroup(rec, child.pid);
    child_ends(&child);
    /* The next one has the same name, but is another group. */
    if (i == 4 && (rmdir(GROUPS "/one/two") || rmdir(GROUPS "/one") || mkdir(GROUPS "/one", 0755)))
      perror("one");
  }
  while (n) rmdir(made[--n]);
  sched_setaffinity(0, sizeof(all), &all);
}

static void copy_to(int fd, const char* self) {
  static char buf[65536];
  int from = open(self, O_RDONLY);
  ssize_t len;

  while ((len = read(from, buf, sizeof(buf))) > 0)
    if (write(fd, buf, (size_t)len) != len) perror("write");
  close(from);
}

static void from_memfd(const char* self) {
  struct program program = {.argv = wait_argv, .envp = wait_envp};
  const struct saker_rec* rec;
  struct child child;
  char file[32];

  CASE("execveat of a memfd");
  program.fd = memfd_create("evil", 0);
  copy_to(program.fd, self);
  rings_flush();
  child = child_starts(start, &program);
  check_that(child.runs, "it runs");
  rec = rings_take(SAKER_EV_execveat, child.pid);
  snprintf(file, sizeof(file), "/dev/fd/%d", program.fd);
  STR(exec_filename, file);
  STRF(exec_exepath, "/memfd:evil", SAKER_BLOB_DELETED);
  U64(exec_exe_flags, SAKER_EXE_MEMFD | SAKER_EXE_WRITABLE);
  child_ends(&child);
  close(program.fd);
}

static void writable(const char* self) {
  static const struct {
    mode_t mode;
    unsigned int owner, group, flags;
  } files[] = {
      {0755, 0, 0, 0},
      {0755, 1000, 0, SAKER_EXE_WRITABLE},
      {0775, 0, 1000, SAKER_EXE_WRITABLE},
      {0757, 0, 0, SAKER_EXE_WRITABLE},
      {0757, 0, 1000, 0},
  };
  struct program program = {
      .file = "/tmp/t/prog", .argv = wait_argv, .envp = wait_envp, .user = 1000};
  unsigned int i;

  int fd = open("/tmp/t/prog", O_CREAT | O_WRONLY | O_TRUNC, 0755);
  copy_to(fd, self);
  close(fd);
  for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
    const struct saker_rec* rec;
    struct child child;

    CASE("execve by user 1000 of a file %o of %u:%u", files[i].mode, files[i].owner,
         files[i].group);
    if (chown("/tmp/t/prog", files[i].owner, files[i].group) || chmod("/tmp/t/prog", files[i].mode))
      perror("prog");
    rings_flush();
    child = child_starts(start, &program);
    rec = rings_take(SAKER_EV_execve, child.pid);
    check_exe(rec, "/tmp/t/prog", files[i].flags);
    child_ends(&child);
  }
}

static void too_much(const char* self) {
  static char big[10001];
  char *argv[] = {"events", "child-wait", big, NULL}, *envp[] = {"A=1", big, NULL};
  struct program program = {.file = self, .argv = argv, .envp = envp};
  static char args[11000], env[11000];
  const struct saker_rec* rec;
  struct child child;
  size_t args_len, env_len;

  CASE("execve, arguments longer than the limit");
  memset(big, 'b', 10000);
  rings_flush();
  child = child_starts(start, &program);
  rec = rings_take(SAKER_EV_execve, child.pid);
  args_len = proc_file(child.pid, "cmdline", args, sizeof(args));
  env_len = proc_file(child.pid, "environ", env, sizeof(env));
  BLOB(exec_args, args, args_len);
  check_blob(rec, "exec_env", SAKER_P_exec_env, env, 4096, SAKER_BLOB_TRUNCATED);
  U64(exec_args_len, args_len);
  U64(exec_env_len, env_len);
  child_ends(&child);
}

/* A child is started with a long argument of @bytes; the record's args, and in *@all those of the
 * process. */
static const struct saker_blob* start_long(const char* self, size_t bytes, bool now,
                                           const struct saker_rec** rec) {
  static char big[120000], args[130000];
  char *argv[] = {"events", "child-wait", big, NULL}, *envp[] = {NULL};
  struct program program = {.file = self, .argv = argv, .envp = envp};
  const struct saker_blob* blob;
  struct child child;
  size_t len;

  memset(big, 'c', bytes);
  big[bytes] = 0;
  child = child_starts(start, &program);
  len = proc_file(child.pid, "cmdline", args, sizeof(args));
  child_ends(&child);
  if (!now) return NULL;
  *rec = rings_take(SAKER_EV_execve, child.pid);
  check_that(*rec, "there is a record");
  if (!*rec) return NULL;
  check_number("exec_args_len", slot_of(*rec, SAKER_P_exec_args_len), len);
  blob = blob_of(*rec, SAKER_P_exec_args);
  check_that(blob->len <= len && !memcmp((char*)*rec + blob->off, args, blob->len), "exec_args");
  check_number("cut", !!(blob->flags & SAKER_BLOB_TRUNCATED), blob->len < len);
  return blob;
}

/* Whole up to what a record can hold; but arguments do not fill more than half of a ring. */
static void very_long(const char* self) {
  const struct saker_blob* blob;
  const struct saker_rec* rec;
  struct ring_totals before;
  unsigned int i;
  cpu_set_t one, all;

  CASE("execve, 60,000 bytes of arguments");
  rings_flush();
  blob = start_long(self, 60000, true, &rec);
  if (blob) check_that(blob->len > 60000 && !blob->flags, "whole");
  CASE("execve, more than a record can hold");
  rings_flush();
  blob = start_long(self, 110000, true, &rec);
  if (blob) check_that(rec->len > SAKER_REC_MAX - 8 && blob->len > 58000, "as much as it can hold");

  CASE("many execs with long arguments, while the ring is not drained");
  sched_getaffinity(0, sizeof(all), &all);
  CPU_ZERO(&one);
  CPU_SET(0, &one);
  sched_setaffinity(0, sizeof(one), &one);
  rings_flush();
  before = rings_totals();
  for (i = 0; i < 2 * LIFE_BYTES / 60000; i++) start_long(self, 60000, false, NULL);
  check_number("lost", rings_totals().lost, before.lost);
  blob = start_long(self, 60000, true, &rec);
  if (blob) check_number("the last one's bytes", blob->len, 4096);
  rings_flush();
  sched_setaffinity(0, sizeof(all), &all);
}

static void below_another_root(const char* self) {
  struct program program = {
      .file = "/prog", .argv = wait_argv, .envp = wait_envp, .chroot = "/tmp/t/dir", .cwd = "/"};
  const struct saker_rec* rec;
  struct child child;
  int fd;

  CASE("execve after chroot");
  fd = open("/tmp/t/dir/prog", O_CREAT | O_WRONLY, 0755);
  copy_to(fd, self);
  close(fd);
  rings_flush();
  child = child_starts(start, &program);
  check_that(child.runs, "it runs");
  rec = rings_take(SAKER_EV_execve, child.pid);
  STR(exec_filename, "/prog");
  STR(exec_exepath, "/tmp/t/dir/prog");
  STR(exec_cwd, "/");
  STR(exec_root, "/tmp/t/dir");
  child_ends(&child);
  unlink("/tmp/t/dir/prog");
}

static void script(const char* self) {
  struct program program = {
      .file = "./script", .argv = wait_argv, .envp = wait_envp, .cwd = "/tmp/t"};
  char line[PATH_MAX + 32], args[PATH_MAX + 64];
  const struct saker_rec* rec;
  struct child child;
  int fd, len;

  CASE("execve of a script");
  fd = open("/tmp/t/script", O_CREAT | O_WRONLY | O_TRUNC, 0755);
  len = snprintf(line, sizeof(line), "#!%s child-wait\n", self);
  check_that(write(fd, line, (size_t)len) == len, "prepared");
  close(fd);
  rings_flush();
  child = child_starts(start, &program);
  check_that(child.runs, "it runs");
  rec = rings_take(SAKER_EV_execve, child.pid);
  STR(exec_filename, "./script");
  STR(exec_comm, "script");
  STR(exec_exepath, self);
  len = snprintf(args, sizeof(args), "%s%cchild-wait%c./script%cchild-wait%ctwo words%c%c", self, 0,
                 0, 0, 0, 0, 0);
  BLOB(exec_args, args, (size_t)len);
  child_ends(&child);
}

void test_exec(const char* self) {
  everything(self, 0);
  everything(self, 1000);
  grouped(self);
  from_memfd(self);
  writable(self);
  too_much(self);
  very_long(self);
  below_another_root(self);
  script(self);
}

/* A file that came with the image, and one that was put there later. */
void test_overlay(const char* self) {
  static const struct {
    const char* file;
    unsigned int exe, file_flags;
  } layers[] = {
      {"/tmp/t/merged/low", SAKER_EXE_LOWER, SAKER_FILE_LOWER},
      {"/tmp/t/merged/high", SAKER_EXE_UPPER, SAKER_FILE_UPPER},
  };
  struct program program = {.argv = wait_argv, .envp = wait_envp};
  unsigned int i;
  int fd;

  mkdir("/tmp/t/lower", 0755);
  mkdir("/tmp/t/upper", 0755);
  mkdir("/tmp/t/work", 0755);
  mkdir("/tmp/t/merged", 0755);
  fd = open("/tmp/t/lower/low", O_CREAT | O_WRONLY, 0755);
  copy_to(fd, self);
  close(fd);
  if (mount("o", "/tmp/t/merged", "overlay", 0,
            "lowerdir=/tmp/t/lower,upperdir=/tmp/t/upper,workdir=/tmp/t/work")) {
    printf("SKIP overlay: %s\n", strerror(errno));
    return;
  }
  fd = open("/tmp/t/merged/high", O_CREAT | O_WRONLY, 0755);
  copy_to(fd, self);
  close(fd);
  for (i = 0; i < 2; i++) {
    const struct saker_rec* rec;
    struct child child;

    CASE("execve of %s", layers[i].file);
    program.file = layers[i].file;
    rings_flush();
    child = child_starts(start, &program);
    check_that(child.runs, "it runs");
    rec = rings_take(SAKER_EV_execve, child.pid);
    STR(exec_exepath, layers[i].file);
    check_exe(rec, layers[i].file, layers[i].exe | SAKER_EXE_WRITABLE);
    child_ends(&child);

    CASE("openat of %s", layers[i].file);
    rings_flush();
    fd = openat(AT_FDCWD, layers[i].file, O_RDONLY);
    rec = rings_take_mine(SAKER_EV_openat);
    U64(open_fileflags, layers[i].file_flags);
    close(fd);
  }
  umount("/tmp/t/merged");
}
