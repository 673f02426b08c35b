/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Instructions that system calls take, in a guest where the time stamp counter counts them (QEMU
 * -icount shift=0, one CPU).
 *
 *   overhead LABEL [PID [OPERATION...]]
 *
 * Runs each operation in batches and prints, for each, the median over the batches: "ROW LABEL
 * OPERATION INSTRUCTIONS". PID, the consumer of what the operations cause, is stopped during a
 * batch and goes on between batches: so the figures are the producer's alone. Without sensor a
 * process that only sleeps takes its place, for the same pace.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { BATCHES = 21 };

static uint64_t now(void) {
  uint32_t low, high;
  __asm__ volatile("rdtsc" : "=a"(low), "=d"(high)::"memory");
  return (uint64_t)high << 32 | low;
}

/* The bare system call: libc's wrappers would add to the figures, and differ between its versions.
 */
static long call6(long number, long a, long b, long c, long d, long e, long f) {
  long result;
  register long r10 __asm__("r10") = d, r8 __asm__("r8") = e, r9 __asm__("r9") = f;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
}
#define CALL_(n, a, b, c, d, e, f, ...) \
  call6(SYS_##n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))
#define CALL(...) CALL_(__VA_ARGS__, 0, 0, 0, 0, 0, 0)

static int zero_fd, null_fd, file_fd, epoll_fd, listen_fd, tcp_tx, tcp_rx, udp_tx, udp_rx;
static struct sockaddr_in listen_addr, udp_addr;
static char buffer[65536], long_path[128];
static const char* const short_path = "/tmp/f";
static uint32_t futex_word;

__attribute__((noreturn)) static void die(const char* what, long result) {
  printf("FAILED %s: %s\n", what, strerror(result < 0 ? (int)-result : errno));
  exit(1);
}
static long must(long result, const char* what) {
  if (result < 0) die(what, result);
  return result;
}

static int ascending(const void* a, const void* b) {
  double x = *(const double*)a, y = *(const double*)b;
  return x < y ? -1 : x > y;
}

/* An operation does itself `n` times and adds the instructions it took to `took`; one of two halves
 * (connect and accept, send and receive) adds to both. */
typedef void operation(int n, uint64_t took[2]);

static void do_loop(int n, uint64_t took[2]) {
  uint64_t begin = now();
  long left = n;
  __asm__ volatile("1: dec %0\n jnz 1b" : "+r"(left));
  took[0] += now() - begin;
}

#define SIMPLE(name, ...)                          \
  static void do_##name(int n, uint64_t took[2]) { \
    uint64_t begin = now();                        \
    while (n--) CALL(__VA_ARGS__);                 \
    took[0] += now() - begin;                      \
  }
SIMPLE(getppid, getppid)
SIMPLE(read, read, zero_fd, buffer, 1)
SIMPLE(write, write, null_fd, buffer, 1)
SIMPLE(pread, pread64, file_fd, buffer, 8192, 0)
SIMPLE(pwrite, pwrite64, file_fd, buffer, 8192, 0)
SIMPLE(futex, futex, &futex_word, FUTEX_WAKE_PRIVATE, 1)
static struct epoll_event ready[8];
SIMPLE(epoll_wait, epoll_wait, epoll_fd, ready, 8, 0)
static struct stat status;
SIMPLE(newfstatat, newfstatat, AT_FDCWD, short_path, &status, 0)
SIMPLE(openat_enoent, openat, AT_FDCWD, "/tmp/none", O_RDONLY, 0)

static void open_close(const char* path, int flags, int n, uint64_t took[2]) {
  uint64_t begin = now();
  while (n--) {
    long fd = CALL(openat, AT_FDCWD, path, flags, 0644);
    CALL(close, fd);
  }
  took[0] += now() - begin;
}
static void do_openat(int n, uint64_t took[2]) { open_close(short_path, O_RDONLY, n, took); }
static void do_openat120(int n, uint64_t took[2]) { open_close(long_path, O_RDONLY, n, took); }
static void do_openat_write(int n, uint64_t took[2]) {
  open_close(short_path, O_WRONLY | O_CREAT, n, took);
}

static void do_create_unlink(int n, uint64_t took[2]) {
  uint64_t begin = now();
  while (n--) {
    long fd = CALL(openat, AT_FDCWD, "/tmp/new", O_WRONLY | O_CREAT | O_EXCL, 0644);
    CALL(close, fd);
    CALL(unlinkat, AT_FDCWD, "/tmp/new", 0);
  }
  took[0] += now() - begin;
}

static void do_connect(int n, uint64_t took[2]) {
  uint64_t begin = now();
  for (int i = 0; i < n; i++) {
    long fd = CALL(socket, AF_INET, SOCK_STREAM, 0);
    must(CALL(connect, fd, &listen_addr, sizeof listen_addr), "connect");
    CALL(close, fd);
  }
  uint64_t middle = now();
  for (int i = 0; i < n; i++) {
    struct sockaddr_in peer;
    socklen_t length = sizeof peer;
    CALL(close, must(CALL(accept4, listen_fd, &peer, &length, 0), "accept4"));
  }
  took[0] += middle - begin;
  took[1] += now() - middle;
}

/* What TCP does now and then (timers, window updates) falls on a call or not as it comes: so each
 * call is timed alone, and the shortest counts. */
enum { TCP_CALLS = 101 };
static void do_tcp(int n, uint64_t took[2]) {
  double send[TCP_CALLS], receive[TCP_CALLS];
  for (int i = 0; i < n; i++) {
    uint64_t begin = now();
    long sent = CALL(sendto, tcp_tx, buffer, 100, 0, 0, 0);
    uint64_t middle = now();
    long got = CALL(recvfrom, tcp_rx, buffer, 100, 0, 0, 0);
    receive[i] = (double)(now() - middle);
    send[i] = (double)(middle - begin);
    if (sent != 100 || got != 100) die("tcp", sent < 0 ? sent : got);
  }
  qsort(send, n, sizeof *send, ascending);
  qsort(receive, n, sizeof *receive, ascending);
  took[0] += (uint64_t)send[0] * n;
  took[1] += (uint64_t)receive[0] * n;
}

static void do_udp(int n, uint64_t took[2]) {
  uint64_t begin = now();
  for (int i = 0; i < n; i++) CALL(sendto, udp_tx, buffer, 100, 0, &udp_addr, sizeof udp_addr);
  uint64_t middle = now();
  for (int i = 0; i < n; i++) must(CALL(recvfrom, udp_rx, buffer, 2048, 0, 0, 0), "udp");
  took[0] += middle - begin;
  took[1] += now() - middle;
}

static void do_mmap(int n, uint64_t took[2]) {
  uint64_t begin = now();
  while (n--) {
    long at = CALL(mmap, 0, 4096, 3 /* read, write */, 0x22 /* private, anonymous */, -1, 0);
    CALL(munmap, at, 4096);
  }
  took[0] += now() - begin;
}

static void do_fork(int n, uint64_t took[2]) {
  uint64_t begin = now();
  while (n--) {
    long child = CALL(clone, SIGCHLD);
    if (child == 0) CALL(exit_group, 0);
    CALL(wait4, child);
  }
  took[0] += now() - begin;
}

static void do_exec(int n, uint64_t took[2]) {
  static char* const arguments[] = {"/root/nothing", NULL};
  static char* const environment[] = {"PATH=/bin:/usr/bin", "HOME=/", "LANG=C", NULL};
  uint64_t begin = now();
  while (n--) {
    int how = 0;
    long child = CALL(clone, SIGCHLD);
    if (child == 0) {
      CALL(execve, arguments[0], arguments, environment);
      CALL(exit_group, 99);
    }
    CALL(wait4, child, &how);
    if (how) die("exec", -ENOEXEC);
  }
  took[0] += now() - begin;
}

static const struct {
  const char* name;
  const char* second; /* of the other half */
  operation* run;
  int n; /* in one batch: few enough that no ring overflows, and mostly no timer tick falls into it
          */
} operations[] = {
    {"loop", NULL, do_loop, 10000},
    {"getppid", NULL, do_getppid, 500},
    {"read", NULL, do_read, 500},
    {"write", NULL, do_write, 500},
    {"epoll_wait", NULL, do_epoll_wait, 500},
    {"futex", NULL, do_futex, 500},
    {"sendto", "recvfrom", do_tcp, TCP_CALLS},
    {"pread", NULL, do_pread, 64},
    {"pwrite", NULL, do_pwrite, 64},
    {"newfstatat", NULL, do_newfstatat, 300},
    {"mmap+munmap", NULL, do_mmap, 100},
    {"openat+close", NULL, do_openat, 200},
    {"openat120+close", NULL, do_openat120, 200},
    {"openat_creat+close", NULL, do_openat_write, 200},
    {"openat_enoent", NULL, do_openat_enoent, 200},
    {"creat+close+unlink", NULL, do_create_unlink, 100},
    {"connect+close", "accept4+close", do_connect, 32},
    {"sendto_udp", "recvfrom_udp", do_udp, 100},
    {"fork+exit+wait", NULL, do_fork, 8},
    {"fork+exec+wait", NULL, do_exec, 8},
};

static void make_files(void) {
  strcpy(long_path, "/tmp");
  for (int i = 0; i < 4; i++) {
    if (i) mkdir(long_path, 0755);
    size_t at = strlen(long_path);
    long_path[at] = '/';
    memset(long_path + at + 1, 'a' + i, 28);
  }
  if (strlen(long_path) != 120) die("the length of the long path", -EINVAL);
  must(open(long_path, O_CREAT | O_RDWR, 0644), long_path);
  must(open(short_path, O_CREAT | O_RDWR, 0644), short_path);
  zero_fd = must(open("/dev/zero", O_RDONLY), "/dev/zero");
  null_fd = must(open("/dev/null", O_WRONLY), "/dev/null");
  file_fd = must(open("/tmp/db", O_CREAT | O_RDWR, 0644), "/tmp/db");
  must(pwrite(file_fd, buffer, 8192, 0), "pwrite");
  struct epoll_event event = {.events = EPOLLIN};
  epoll_fd = must(epoll_create1(0), "epoll_create1");
  must(epoll_ctl(epoll_fd, EPOLL_CTL_ADD, eventfd(0, 0), &event), "epoll_ctl");
}

static int bound(int type, struct sockaddr_in* address) {
  socklen_t length = sizeof *address;
  int fd = must(socket(AF_INET, type, 0), "socket");
  *address = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  must(bind(fd, (void*)address, sizeof *address), "bind");
  must(getsockname(fd, (void*)address, &length), "getsockname");
  return fd;
}

static void make_sockets(void) {
  int one = 1;
  listen_fd = bound(SOCK_STREAM, &listen_addr);
  must(listen(listen_fd, 1024), "listen");
  tcp_tx = must(socket(AF_INET, SOCK_STREAM, 0), "socket");
  must(connect(tcp_tx, (void*)&listen_addr, sizeof listen_addr), "connect");
  tcp_rx = must(accept(listen_fd, NULL, NULL), "accept");
  setsockopt(tcp_tx, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  udp_rx = bound(SOCK_DGRAM, &udp_addr);
  /* A datagram may still be on its way, but not for ever. */
  setsockopt(udp_rx, SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){2, 0}, sizeof(struct timeval));
  udp_tx = must(socket(AF_INET, SOCK_DGRAM, 0), "socket");
}

/* The consumer stops at once, but needs a while to empty its rings when it goes on. */
static void signal_consumer(pid_t consumer, int number) {
  struct timespec pause = {0, number == SIGCONT ? 80000000 : 2000000};
  if (!consumer) return;
  must(kill(consumer, number), "kill");
  nanosleep(&pause, NULL);
}

static void measure(unsigned index, const char* label, pid_t consumer) {
  double first[BATCHES], second[BATCHES];
  int n = operations[index].n;
  uint64_t took[2] = {0, 0};
  operations[index].run(n, took); /* fills caches */
  for (int batch = 0; batch < BATCHES; batch++) {
    took[0] = took[1] = 0;
    signal_consumer(consumer, SIGSTOP);
    operations[index].run(n, took);
    signal_consumer(consumer, SIGCONT);
    first[batch] = (double)took[0] / n;
    second[batch] = (double)took[1] / n;
  }
  qsort(first, BATCHES, sizeof *first, ascending);
  qsort(second, BATCHES, sizeof *second, ascending);
  printf("ROW %s %s %.2f\n", label, operations[index].name, first[BATCHES / 2]);
  if (operations[index].second)
    printf("ROW %s %s %.2f\n", label, operations[index].second, second[BATCHES / 2]);
}

static int named(const char* name, int argc, char** argv) {
  for (int i = 3; i < argc; i++)
    if (!strcmp(argv[i], name)) return 1;
  return argc <= 3;
}

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  pid_t consumer = argc > 2 ? atoi(argv[2]) : 0;
  static char out[65536];
  setvbuf(stdout, out, _IOFBF, sizeof out);
  setrlimit(RLIMIT_NOFILE, &(struct rlimit){65536, 65536});
  make_files();
  make_sockets();
  for (unsigned i = 0; i < sizeof operations / sizeof *operations; i++)
    if (named(operations[i].name, argc, argv)) measure(i, argv[1], consumer);
  return 0;
}
