/* SPDX-License-Identifier: Apache-2.0 */
/* Programs and processes started through the 32-bit table of system calls. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "child.h"
#include "int80.h"
#include "rings.h"
#include "tests.h"

#define PTR(object) ((long)(object))

/* In another process: execve and execveat of the 32-bit table, with arguments and environment as
 * 32-bit pointers. */
static char self_path[4096];

static void exec_by_int80(void* nr) {
  static const uint32_t null;
  static uint32_t argv[3], envp[2];
  const bool at = *(int*)nr == 358;
  const long args[6] = {PTR(self_path), PTR(argv), PTR(envp)};
  const long args_at[6] = {AT_FDCWD, PTR(self_path), PTR(argv), PTR(envp), 0};

  argv[0] = (uint32_t)PTR("zero");
  argv[1] = (uint32_t)PTR("child-wait");
  envp[0] = (uint32_t)PTR("A=b");
  argv[2] = envp[1] = null;
  int80(*(int*)nr, at ? args_at : args);
}

static void exec_twins(void) {
  static const int numbers[] = {11, 358};
  const struct saker_rec* rec;
  struct child child;
  unsigned int i;
  int nr;

  for (i = 0; i < 2; i++) {
    CASE("int 0x80: %s", numbers[i] == 11 ? "execve" : "execveat");
    nr = numbers[i];
    rings_flush();
    child = child_starts(exec_by_int80, &nr);
    check_that(child.runs, "the program runs");
    rec = rings_take(SAKER_EV_execve, child.pid);
    STR(exec_filename, self_path);
    STR(exec_exepath, self_path);
    BLOB(exec_args, "zero\0child-wait", 16);
    BLOB(exec_env, "A=b", 4);
    child_ends(&child);
  }
}

/* Processes made through the 32-bit table: which call it was, and its flags. */
static void fork_twins(void) {
  static const struct {
    const char* name;
    uint16_t event;
    long nr, args[6];
    uint64_t flags;
  } ways[] = {
      {"fork", SAKER_EV_fork, 2, {0}, 0},
      {"clone", SAKER_EV_clone, 120, {SIGCHLD | CLONE_FS}, SIGCHLD | CLONE_FS},
  };
  const struct saker_rec* rec;
  unsigned int i;
  long pid;

  for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
    CASE("int 0x80: %s", ways[i].name);
    rings_flush();
    pid = int80(ways[i].nr, ways[i].args);
    if (!pid) _exit(0);
    while (waitpid((pid_t)pid, NULL, 0) < 0 && errno == EINTR)
      ;
    rec = rings_take_mine(ways[i].event);
    RET(pid);
    U64(fork_child_pid, pid);
    U64(fork_flags, ways[i].flags);
  }
}

/* The pointers of argv have 32 bits too. */
static void failing_exec(void) {
  static uint32_t argv[3];
  const long args[6] = {PTR("/tmp/t/none"), PTR(argv)};
  const struct saker_rec* rec;

  CASE("int 0x80: execve, failing");
  argv[0] = (uint32_t)PTR("zero");
  argv[1] = (uint32_t)PTR("one two");
  rings_flush();
  check_that(int80(11, args) == -ENOENT, "it fails");
  rec = rings_take_mine(SAKER_EV_execve);
  RET(-ENOENT);
  STR(exec_filename, "/tmp/t/none");
  BLOB(exec_args, "zero\0one two", 13);
  check_number("flags of the head", rec ? rec->flags : 0, SAKER_REC_COMPAT);
}

void test_doors_life(const char* self) {
  snprintf(self_path, sizeof(self_path), "%s", self);
  exec_twins();
  failing_exec();
  fork_twins();
}
