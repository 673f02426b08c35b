/* SPDX-License-Identifier: Apache-2.0 */
/* fork, vfork, clone, clone3 and the end of a process. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "child.h"
#include "rings.h"
#include "tests.h"

static uint64_t ns_of(const char* name) {
  char path[64];
  struct stat st;

  snprintf(path, sizeof(path), "/proc/self/ns/%s", name);
  return stat(path, &st) ? 0 : st.st_ino;
}

static void check_fork(uint16_t event, pid_t child, uint64_t flags) {
  const struct saker_rec *rec = rings_take_mine(event), *end;
  struct stat st;

  if (stat("/sys/fs/cgroup", &st)) perror("/sys/fs/cgroup");
  HEAD(fork_flags);
  RET(child);
  U64(fork_child_pid, child);
  U64(fork_child_vpid, child);
  U64(fork_ppid, getpid());
  U64(fork_cgroup_id, st.st_ino);
  U64(fork_ns_pid, ns_of("pid"));
  U64(fork_ns_mnt, ns_of("mnt"));
  U64(fork_ns_net, ns_of("net"));
  U64(fork_ns_user, ns_of("user"));
  STR(fork_comm, "events");
  U64(fork_flags, flags);
  end = rings_take(SAKER_EV_procexit, child);
  if (!rec || !end) {
    check_that(false, "both records are there");
    return;
  }
  check_number("the same start time at the end", slot_of(end, SAKER_P_exit_start_time),
               slot_of(rec, SAKER_P_fork_start_time));
  check_that(slot_of(rec, SAKER_P_fork_start_time) <= rec->ts, "fork_start_time");
  check_that(rec->ts < end->ts, "the beginning is before the end");
}

static void forks(void) {
  struct clone_args args = {.exit_signal = SIGCHLD};
  pid_t pid;

  CASE("fork");
  rings_flush();
  if (!(pid = (pid_t)syscall(SYS_fork))) _exit(0);
  waitpid(pid, NULL, 0);
  check_fork(SAKER_EV_fork, pid, 0);

  CASE("vfork");
  rings_flush();
  if (!(pid = vfork())) _exit(0);
  waitpid(pid, NULL, 0);
  check_fork(SAKER_EV_vfork, pid, CLONE_VM | CLONE_VFORK);

  CASE("clone");
  rings_flush();
  if (!(pid = (pid_t)syscall(SYS_clone, SIGCHLD | CLONE_FILES, NULL, NULL, NULL, NULL))) _exit(0);
  waitpid(pid, NULL, 0);
  check_fork(SAKER_EV_clone, pid, SIGCHLD | CLONE_FILES);

  CASE("clone3");
  rings_flush();
  if (!(pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args)))) _exit(0);
  waitpid(pid, NULL, 0);
  check_fork(SAKER_EV_clone3, pid, 0);
}

static void clone_with_parent(void) {
  if (!syscall(SYS_clone, SIGCHLD | CLONE_PARENT, NULL, NULL, NULL, NULL)) _exit(0);
}

static void other_parent(void) {
  const struct saker_rec* rec;
  pid_t middle, child;

  CASE("clone for the parent's parent");
  rings_flush();
  middle = child_runs(clone_with_parent);
  child = waitpid(-1, NULL, 0);
  rec = rings_take(SAKER_EV_clone, middle);
  U64(fork_child_pid, child);
  U64(fork_ppid, getpid());
  U64(fork_flags, SIGCHLD | CLONE_PARENT);
}

static void new_pid_namespace(void) {
  const struct saker_rec* rec;
  pid_t pid;

  CASE("clone into a new pid namespace");
  rings_flush();
  pid = (pid_t)syscall(SYS_clone, SIGCHLD | CLONE_NEWPID | CLONE_NEWNET, NULL, NULL, NULL, NULL);
  if (!pid) _exit(0);
  waitpid(pid, NULL, 0);
  rec = rings_take_mine(SAKER_EV_clone);
  RET(pid);
  U64(fork_child_pid, pid);
  U64(fork_child_vpid, 1);
  check_that(slot_of(rec, SAKER_P_fork_ns_pid) != ns_of("pid"), "fork_ns_pid");
  check_that(slot_of(rec, SAKER_P_fork_ns_net) != ns_of("net"), "fork_ns_net");
  U64(fork_ns_mnt, ns_of("mnt"));
}

static void* nothing(void* arg) { return arg; }

static void* leave_last(void* arg) {
  usleep(20000);
  syscall(SYS_exit, 7);
  return arg;
}

static void leader_first(void) {
  pthread_t thread;

  pthread_create(&thread, NULL, leave_last, NULL);
  syscall(SYS_exit, 5);
}

static void many_threads(void) {
  pthread_t thread;
  unsigned int i;

  for (i = 0; i < 8; i++) pthread_create(&thread, NULL, leave_last, NULL);
  usleep(5000);
  _exit(9);
}

static void threads(void) {
  const struct saker_rec* rec;
  pthread_t thread;
  unsigned int i, right = 0;
  pid_t pid;

  CASE("a thread is no process");
  rings_flush();
  pthread_create(&thread, NULL, nothing, NULL);
  pthread_join(thread, NULL);
  check_number("clone records",
               rings_count(SAKER_EV_clone, getpid()) + rings_count(SAKER_EV_clone3, getpid()), 0);
  check_number("procexit records", rings_count(SAKER_EV_procexit, getpid()), 0);

  CASE("exit, the first thread before the last");
  rings_flush();
  pid = child_runs(leader_first);
  rec = rings_take(SAKER_EV_procexit, pid);
  U64(exit_status, child_status);
  check_number("reported once", rings_count(SAKER_EV_procexit, pid), 0);

  CASE("exit of many threads at a time");
  for (i = 0; i < 50; i++) {
    rings_flush();
    pid = child_runs(many_threads);
    right += rings_count(SAKER_EV_procexit, pid) == 1;
  }
  check_number("reported once, each time", right, 50);
}

static void exit_3(void) { exit(3); }

static void get_killed(void) { raise(SIGKILL); }

static void get_aborted(void) {
  signal(SIGABRT, SIG_DFL);
  raise(SIGABRT);
}

static void ends(void) {
  static const struct {
    const char* what;
    void (*run)(void);
    unsigned int status;
  } ways[] = {
      {"exit(3)", exit_3, 3 << 8},
      {"SIGKILL", get_killed, SIGKILL},
      {"SIGABRT", get_aborted, SIGABRT},
  };
  unsigned int i;

  for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
    const struct saker_rec* rec;
    pid_t pid;

    CASE("procexit, %s", ways[i].what);
    rings_flush();
    pid = child_runs(ways[i].run);
    rec = rings_take(SAKER_EV_procexit, pid);
    check_head(rec, pid, SAKER_P_exit_start_time + 1);
    RET(0);
    U64(exit_status, child_status);
    check_number("exit_status, less the core's bit", slot_of(rec, SAKER_P_exit_status) & ~0x80u,
                 ways[i].status);
  }
}

void test_life(void) {
  forks();
  other_parent();
  new_pid_namespace();
  threads();
  ends();
}
