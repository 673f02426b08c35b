/* SPDX-License-Identifier: Apache-2.0 */
/* execve and execveat that start no program: what was asked for, and who asked. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "child.h"
#include "rings.h"
#include "tests.h"

static char* envp[] = {"A=b", NULL};

static long try(const char* file, char** argv) {
  rings_flush();
  return syscall(SYS_execve, file, argv, envp) ? -errno : 0;
}

/* Nothing would have run; who asked is this process. */
static void check_caller(const struct saker_rec* rec) {
  struct stat st;
  char comm[32] = "";
  int fd = open("/proc/self/comm", O_RDONLY);

  check_that(read(fd, comm, sizeof(comm) - 1) > 0, "comm can be read");
  comm[strcspn(comm, "\n")] = 0;
  close(fd);
  HEAD(exec_root);
  ABSENT(exec_exepath);
  ABSENT(exec_env);
  ABSENT(exec_root);
  STR(exec_cwd, "/tmp/t");
  STR(exec_comm, comm);
  U64(exec_ppid, getppid());
  U64(exec_vpid, getpid());
  U64(exec_euid, geteuid());
  U64(exec_args_len, 0);
  U64(exec_exe_ino, 0);
  U64(exec_exe_flags, 0);
  check_that(!stat("/proc/self/ns/mnt", &st), "the namespace can be read");
  U64(exec_ns_mnt, st.st_ino);
}

static void by_name(void) {
  char* argv[] = {"zero", "two words", "", "end", NULL};
  const struct saker_rec* rec;

  CASE("execve of what is not there");
  check_number("result", (uint64_t)try("none/such", argv), (uint64_t)-ENOENT);
  rec = rings_take_mine(SAKER_EV_execve);
  RET(-ENOENT);
  STR(exec_filename, "none/such");
  BLOB(exec_args, "zero\0two words\0\0end", 20);
  check_caller(rec);
  check_that(!rings_take_mine(SAKER_EV_execve), "one record");

  CASE("execve of what may not run");
  check_number("result", (uint64_t)try("/tmp/t/dir/file", argv), (uint64_t)-EACCES);
  rec = rings_take_mine(SAKER_EV_execve);
  RET(-EACCES);
  STR(exec_filename, "/tmp/t/dir/file");

  CASE("execveat, no such directory");
  rings_flush();
  syscall(SYS_execveat, -7, "name", argv, envp, AT_SYMLINK_NOFOLLOW);
  rec = rings_take_mine(SAKER_EV_execveat);
  RET(-EBADF);
  STR(exec_filename, "name");
  BLOB(exec_args, "zero\0two words\0\0end", 20);
  check_caller(rec);
}

static void unreadable(void) {
  char *argv[] = {"zero", (char*)8, NULL}, *whole[] = {"zero", NULL};
  const struct saker_rec* rec;

  CASE("execve, name not mapped");
  check_number("result", (uint64_t)try((const char*)8, whole), (uint64_t)-EFAULT);
  rec = rings_take_mine(SAKER_EV_execve);
  RET(-EFAULT);
  UNREADABLE(exec_filename);
  BLOB(exec_args, "zero", 5);

  CASE("execve, an argument not mapped");
  check_number("result", (uint64_t)try("/bin/true", argv), (uint64_t)-EFAULT);
  rec = rings_take_mine(SAKER_EV_execve);
  RET(-EFAULT);
  STR(exec_filename, "/bin/true");
  check_blob(rec, "exec_args", SAKER_P_exec_args, "zero", 5, SAKER_BLOB_UNREADABLE);

  CASE("execve, argv not mapped");
  check_number("result", (uint64_t)try("/bin/true", (char**)8), (uint64_t)-EFAULT);
  rec = rings_take_mine(SAKER_EV_execve);
  RET(-EFAULT);
  UNREADABLE(exec_args);

  CASE("execve without argv");
  try("/no/such", NULL);
  rec = rings_take_mine(SAKER_EV_execve);
  RET(-ENOENT);
  ABSENT(exec_args);
}

static void too_much(void) {
  static char big[5000], many[64 * 2];
  char *argv[] = {"zero", big, NULL}, *argvs[100] = {NULL}, name[PATH_MAX + 10];
  const struct saker_rec* rec;
  unsigned int i;

  CASE("execve, failing, an argument longer than the limit");
  memset(big, 'b', sizeof(big) - 1);
  try("/no/such", argv);
  rec = rings_take_mine(SAKER_EV_execve);
  if (rec) {
    const struct saker_blob* args = blob_of(rec, SAKER_P_exec_args);
    const char* at = (const char*)rec + args->off;

    check_number("exec_args: length", args->len, 4096);
    check_number("exec_args: flags", args->flags, SAKER_BLOB_TRUNCATED);
    check_that(!memcmp(at, "zero", 5) && !memcmp(at + 5, big, 4091), "exec_args");
  }

  CASE("execve, failing, more arguments than the limit");
  for (i = 0; i < 99; i++) argvs[i] = "x";
  for (i = 0; i < sizeof(many); i += 2) many[i] = 'x';
  try("/no/such", argvs);
  rec = rings_take_mine(SAKER_EV_execve);
  check_blob(rec, "exec_args", SAKER_P_exec_args, many, sizeof(many), SAKER_BLOB_TRUNCATED);

  CASE("execve, a name longer than any path");
  memset(name, 'n', sizeof(name) - 1);
  name[sizeof(name) - 1] = 0;
  try(name, argv);
  rec = rings_take_mine(SAKER_EV_execve);
  RET(-ENAMETOOLONG);
  name[PATH_MAX - 1] = 0;
  STRF(exec_filename, name, SAKER_BLOB_TRUNCATED);
}

/* The kernel has replaced the memory of the caller when it finds that the file cannot be loaded:
 * the caller dies. Its pointers mean nothing in what is there now. */
static void too_late(void) {
  /* An ELF file for this machine whose only segment lies where no program may lie. */
  static const unsigned char elf[120] = {
      0x7f, 'E',       'L',       'F', 2,  1, 1,    [16] = 2, 0,    62,         0,
      1,    [32] = 64, [52] = 64, 0,   56, 0, 1,    [64] = 1, 0,    0,          0,
      5,    [80] = 0,  0,         0,   0,  0, 0xf0, 0xff,     0xff, [96] = 120, [104] = 120};
  char* argv[] = {"zero", NULL};
  const struct saker_rec* rec;
  int fd = open("/tmp/t/late", O_CREAT | O_WRONLY | O_TRUNC, 0755), status;
  pid_t pid;

  CASE("execve that fails when nothing of the caller is left");
  if (write(fd, elf, sizeof(elf)) != sizeof(elf)) abort();
  close(fd);
  rings_flush();
  pid = fork();
  if (!pid) {
    execve("/tmp/t/late", argv, envp);
    _exit(1);
  }
  check_that(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status), "the caller was killed");
  rec = rings_take(SAKER_EV_execve, pid);
  check_that(rec && rec->ret < 0, "it failed");
  UNREADABLE(exec_filename);
  UNREADABLE(exec_args);
  unlink("/tmp/t/late");
}

void test_exec_failed(void) {
  by_name();
  unreadable();
  too_much();
  too_late();
}
