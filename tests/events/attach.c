/* SPDX-License-Identifier: Apache-2.0 */
/* Only requested hooks are attached; detaching while calls are in progress; processes without
 * records. */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "check.h"
#include "child.h"
#include "rings.h"
#include "tests.h"

#define ROUNDS 50 /* ROUNDS=N in the environment: N */

static bool hook(unsigned int index, struct saker_hook_info* info) {
  *info = (struct saker_hook_info){.size = sizeof(*info), .index = index};
  return !ioctl(rings_fd(), SAKER_IOC_HOOK, info);
}

static void add(uint64_t* events, unsigned int event) { events[event / 64] |= 1ull << event % 64; }

static void ask_for(unsigned int event, pid_t ignore) {
  uint64_t events[SAKER_EV_MAX / 64] = {0}, missing[SAKER_EV_MAX / 64];

  add(events, event);
  rings_ask(events, missing, ignore);
  check_number("nothing is missing", missing[0] | missing[1], 0);
}

/* The calls of exec are hooked for those that fail; success comes from a tracepoint. */
static bool is_exec_call(const struct saker_hook_info* info) {
  return strstr(info->symbol, "sys_execve") != NULL;
}

/* Process life and what changes a process come with any request; nothing else does. */
static void only_what_is_asked(void) {
  uint64_t expected[SAKER_EV_MAX / 64] = {0};
  struct saker_hook_info info;
  const uint16_t changes[] = {SAKER_EV_setns,  SAKER_EV_unshare, SAKER_EV_capset, SAKER_EV_chdir,
                              SAKER_EV_fchdir, SAKER_EV_setsid,  SAKER_EV_setpgid};
  unsigned int i, wrong = 0, right = 0;

  CASE("only unlink is asked for");
  for (i = SAKER_EV_execve; i <= SAKER_EV_procexit; i++) add(expected, i);
  for (i = SAKER_EV_setuid; i <= SAKER_EV_setresgid; i++) add(expected, i);
  for (i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) add(expected, changes[i]);
  add(expected, SAKER_EV_unlink);
  ask_for(SAKER_EV_unlink, 0);
  for (i = 0; hook(i, &info); i++) {
    bool want =
        !is_exec_call(&info) && ((info.events[0] & expected[0]) || (info.events[1] & expected[1]));

    if (want != info.attached) printf("# %s: %s\n", info.symbol, info.mechanism);
    if (want != (info.attached != 0))
      wrong++;
    else
      right++;
  }
  check_that(right > 30, "there are hooks");
  check_number("hooks attached or not, wrongly", wrong, 0);

  rings_flush();
  close(open("/tmp/t/u", O_CREAT | O_WRONLY, 0600));
  unlink("/tmp/t/u");
  check_number("openat records", rings_count(SAKER_EV_openat, getpid()), 0);
  check_number("unlink records", rings_count(SAKER_EV_unlink, getpid()), 1);
  syscall(SYS_execve, "/no/such", NULL, NULL);
  check_number("records of a failed exec", rings_count(SAKER_EV_execve, getpid()), 0);
}

/* The call holds its socket's file; the hook that would let go of it is taken off meanwhile. */
static void holding(bool other_hooks) {
  static const uint64_t nothing[SAKER_EV_MAX / 64];
  int pair[2];
  char byte;
  pid_t pid;

  CASE("a receive waits while its hook is taken off, %s",
       other_hooks ? "not the last" : "the last");
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair)) err(1, "socketpair");
  ask_for(SAKER_EV_recvfrom, 0);
  pid = fork();
  if (!pid) {
    close(pair[0]);
    recv(pair[1], &byte, 1, 0);
    _exit(0);
  }
  close(pair[1]);
  usleep(500000);
  if (other_hooks)
    ask_for(SAKER_EV_unlink, 0);
  else
    rings_ask(nothing, NULL, 0);
  kill(pid, SIGKILL);
  waitpid(pid, NULL, 0);
  check_number("its socket is closed", (uint64_t)recv(pair[0], &byte, 1, MSG_DONTWAIT), 0);
  close(pair[0]);
}

static void none(void) {
  static const uint64_t nothing[SAKER_EV_MAX / 64];
  struct saker_hook_info info;
  unsigned int i, attached = 0;

  CASE("nothing is asked for");
  rings_ask(nothing, NULL, 0);
  for (i = 0; hook(i, &info); i++) attached += info.attached;
  check_number("hooks attached", attached, 0);
}

/* Of perf_event_open, 5.10's compiler aligns the stack before the function calls ftrace. */
static void mechanisms(void) {
  struct saker_hook_info info;
  unsigned int i, others = 0, hits = 0, failed = 0;

  CASE("all is asked for");
  rings_ask_all();
  close(open("/tmp/t/dir/file", O_RDONLY));
  for (i = 0; hook(i, &info); i++) {
    others += !strncmp(info.symbol, "__x64_sys_", 10) && strcmp(info.mechanism, "direct") &&
              strcmp(info.symbol, "__x64_sys_perf_event_open");
    failed += !info.attached;
    if (!strcmp(info.symbol, "__x64_sys_openat")) hits = (unsigned int)info.hits;
    printf("# %-28s %-11s %d\n", info.symbol, info.mechanism, info.error);
  }
  check_number("hooks not attached", failed, 0);
  check_number("system calls not hooked by a direct call", others, 0);
  check_that(hits > 0, "hits are counted");
}

static void work(void) {
  close(open("/tmp/t/dir/file", O_RDONLY));
  close(dup(0));
}

static unsigned int births(void) {
  return rings_count(SAKER_EV_clone, getpid()) + rings_count(SAKER_EV_fork, getpid()) +
         rings_count(SAKER_EV_clone3, getpid());
}

static void ignored_as(pid_t ignore, const char* how) {
  pid_t pid;

  CASE("a process whose records are not wanted, named %s", how);
  ask_for(SAKER_EV_openat, ignore);
  rings_flush();
  work();
  check_number("its own records", rings_count(SAKER_EV_openat, getpid()), 0);
  pid = child_runs(work);
  check_number("its child's", rings_count(SAKER_EV_openat, pid), 1);
  check_number("its child's end", rings_count(SAKER_EV_procexit, pid), 1);
  check_number("its child's birth", births(), 1);
  rings_ask_all();
}

static void ignored(void) {
  ignored_as(getpid(), "by its number");
  ignored_as(SELF, "as itself");
}

static void open_fifo(void) {
  open("/tmp/t/fifo", O_WRONLY);
  _exit(0);
}

static void accept_nobody(void) {
  struct sockaddr_in addr = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int fd = socket(AF_INET, SOCK_STREAM, 0);

  bind(fd, (struct sockaddr*)&addr, sizeof(addr));
  listen(fd, 1);
  accept4(fd, NULL, NULL, 0);
  _exit(0);
}

static pid_t blocked_in(void (*call)(void)) {
  pid_t pid = fork();

  if (!pid) {
    close(rings_fd());
    call();
    _exit(0);
  }
  return pid;
}

static void busy(void) {
  for (;;) {
    pid_t pid;
    int copy, fd = openat(AT_FDCWD, "/tmp/t/dir/file", O_RDONLY),
              sock = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in addr = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(1)};

    copy = dup(fd);
    dup2(fd, copy);
    connect(sock, (struct sockaddr*)&addr, sizeof(addr));
    sendto(sock, "x", 1, MSG_NOSIGNAL, NULL, 0);
    mkdir("/tmp/t/busy", 0700);
    rename("/tmp/t/busy", "/tmp/t/busy2");
    chmod("/tmp/t/busy2", 0711);
    rmdir("/tmp/t/busy2");
    unlink("/tmp/t/nothing");
    symlink("x", "/tmp/t/busysym");
    unlink("/tmp/t/busysym");
    setreuid((uid_t)-1, (uid_t)-1);
    setresgid((gid_t)-1, (gid_t)-1, (gid_t)-1);
    close(memfd_create("busy", 0));
    close(copy);
    close(sock);
    close(fd);
    pid = fork();
    if (!pid) _exit(0);
    waitpid(pid, NULL, 0);
    usleep(1000); /* a guest without KVM has not much to share */
  }
}

/* Lets the task blocked in open_fifo() continue, and reports whether it ended as expected. */
static bool returns(pid_t pid) {
  int status, fd = open("/tmp/t/fifo", O_RDONLY | O_NONBLOCK);
  bool ended = waitpid(pid, &status, 0) == pid && WIFEXITED(status) && !WEXITSTATUS(status);

  close(fd);
  return ended;
}

/* Hooks are attached and detached while a call is blocked: it returns to its caller, with a
 * record if its hook stayed. */
static void blocked(void) {
  pid_t pid;

  CASE("other hooks go while a call is blocked");
  rings_ask_all();
  pid = blocked_in(open_fifo);
  usleep(50000);
  ask_for(SAKER_EV_openat, 0);
  check_that(returns(pid), "it returns");
  check_number("its record", rings_count(SAKER_EV_openat, pid), 1);

  CASE("its own hook goes");
  pid = blocked_in(open_fifo);
  usleep(50000);
  ask_for(SAKER_EV_unlink, 0);
  check_that(returns(pid), "it returns");
  check_number("its record", rings_count(SAKER_EV_openat, pid), 0);

  CASE("its own hook goes and comes again");
  ask_for(SAKER_EV_openat, 0);
  pid = blocked_in(open_fifo);
  usleep(50000);
  ask_for(SAKER_EV_unlink, 0);
  ask_for(SAKER_EV_openat, 0);
  check_that(returns(pid), "it returns");
  check_number("its record", rings_count(SAKER_EV_openat, pid), 0);

  CASE("it is killed");
  pid = blocked_in(open_fifo);
  usleep(50000);
  kill(pid, SIGKILL);
  check_that(!returns(pid), "it does not go on");
  check_number("its record", rings_count(SAKER_EV_openat, pid), 1);
  rings_ask_all();
}

static unsigned int ms_since(const struct timespec* start) {
  struct timespec now;

  clock_gettime(CLOCK_MONOTONIC, &now);
  return (unsigned int)((now.tv_sec - start->tv_sec) * 1000 +
                        (now.tv_nsec - start->tv_nsec) / 1000000);
}

/* A few calls per round, so that all are covered: attaching one walks all functions of the
 * kernel. */
static void ask_some(unsigned int round) {
  uint64_t events[SAKER_EV_MAX / 64] = {0};
  unsigned int event;

  for (event = SAKER_EV_open; event < SAKER_EV_MAX; event++)
    if (event % 16 == round % 16) add(events, event);
  add(events, SAKER_EV_openat);
  add(events, SAKER_EV_accept4);
  events[0] &= rings_supported(0);
  events[1] &= rings_supported(1);
  rings_ask(events, NULL, 0);
}

/* An openat by one of the two within five seconds. */
static bool comes(pid_t one, pid_t other) {
  unsigned int i;

  for (i = 0; i < 500; i++) {
    if (rings_count(SAKER_EV_openat, one) + rings_count(SAKER_EV_openat, other)) return true;
    usleep(10000);
  }
  return false;
}

/* Attach and detach while two processes make all kinds of calls and two are stuck in one. */
void test_stress(void) {
  static const uint64_t nothing[SAKER_EV_MAX / 64];
  struct ring_totals totals;
  unsigned int i, records = 0, rounds = ROUNDS;
  struct timespec start;
  pid_t pids[4];

  if (getenv("ROUNDS")) rounds = (unsigned int)atoi(getenv("ROUNDS"));
  CASE("%u rounds of attaching and detaching", rounds);
  rings_ask_all();
  pids[0] = blocked_in(open_fifo);
  pids[1] = blocked_in(accept_nobody);
  pids[2] = blocked_in(busy);
  pids[3] = blocked_in(busy);
  usleep(50000);
  clock_gettime(CLOCK_MONOTONIC, &start);
  rings_ask(nothing, NULL, 0);
  printf("# detaching all took %u ms\n", ms_since(&start));
  for (i = 0; i < rounds; i++) {
    ask_some(i);
    records += comes(pids[2], pids[3]);
    rings_ask(nothing, NULL, 0);
    rings_flush();
  }
  check_number("rounds with records", records, rounds);
  check_number("the task in open is still there", (uint64_t)kill(pids[0], 0), 0);
  check_number("the task in accept is still there", (uint64_t)kill(pids[1], 0), 0);
  for (i = 0; i < 4; i++) {
    kill(pids[i], SIGKILL);
    waitpid(pids[i], NULL, 0);
  }
  totals = rings_totals();
  check_number("seen = written + lost", totals.seen, totals.written + totals.lost);
  clock_gettime(CLOCK_MONOTONIC, &start);
  rings_ask_all();
  printf("# attaching all took %u ms\n", ms_since(&start));
  rings_flush();
  work();
  check_number("records after it",
               rings_count(SAKER_EV_openat, getpid()) + rings_count(SAKER_EV_open, getpid()), 1);
}

void test_attach(void) {
  only_what_is_asked();
  holding(true);
  holding(false);
  none();
  mechanisms();
  ignored();
  blocked();
}
