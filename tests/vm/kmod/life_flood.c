// SPDX-License-Identifier: Apache-2.0
/*
 * life_flood SECONDS ALERTS: four threads change credentials, namespaces, directories and groups as
 * fast as they can, with and without effect, while 20 programs read /etc/shadow, each of which must
 * become a line of the file ALERTS. Prints how many did, and how long it took.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { threads = 4, reads = 20, patience_ms = 10000, turns = 20, calls_a_turn = 1 + turns * 8 };

static bool over;
static unsigned long calls[threads];

static double now_ms(void) {
  struct timespec ts;
  clock_gettime(CLOCK_MONOTONIC, &ts);
  return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static void nap(int ms) {
  struct timespec ts = {ms / 1000, ms % 1000 * 1000000L};
  nanosleep(&ts, NULL);
}

/* For this thread alone, because these are not the library's calls. */
static void* flood(void* count) {
  unsigned long* n = count;
  int home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
  int away = unshare(CLONE_NEWNET) ? -1 : open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
  while (!__atomic_load_n(&over, __ATOMIC_RELAXED)) {
    syscall(SYS_setns, *n % 2 ? home : away, CLONE_NEWNET);
    for (int i = 0; i < turns; i++) {
      syscall(SYS_setresuid, -1, 1, -1);
      syscall(SYS_setresuid, -1, 0, -1);
      syscall(SYS_setuid, 0);
      syscall(SYS_unshare, 0);
      syscall(SYS_setns, -1, 0);
      syscall(SYS_chdir, "/proc/self");
      syscall(SYS_chdir, "/");
      syscall(SYS_setpgid, 0, 0);
    }
    __atomic_fetch_add(n, 1, __ATOMIC_RELAXED);
  }
  return NULL;
}

static int lines_of(const char* path) {
  char text[65536];
  int fd = open(path, O_RDONLY | O_CLOEXEC), lines = 0;
  ssize_t got;
  while (fd >= 0 && (got = read(fd, text, sizeof(text))) > 0)
    for (ssize_t i = 0; i < got; i++) lines += text[i] == '\n';
  if (fd >= 0) close(fd);
  return lines;
}

/* Milliseconds from before the start of the program until its alert; -1: it did not come.
 */
static double read_shadow(const char* alerts) {
  int before = lines_of(alerts);
  double begin = now_ms();
  pid_t pid = fork();
  if (!pid) {
    execl("/bin/cat", "cat", "/etc/shadow", (char*)NULL);
    _exit(127);
  }
  waitpid(pid, NULL, 0);
  while (now_ms() - begin < patience_ms) {
    if (lines_of(alerts) > before) return now_ms() - begin;
    nap(1);
  }
  return -1;
}

static int by_size(const void* a, const void* b) {
  return *(const double*)a < *(const double*)b ? -1 : 1;
}

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  int seconds = atoi(argv[1]), found = 0;
  double took[reads], alone = read_shadow(argv[2]);
  pthread_t id[threads];
  for (int i = 0; i < threads; i++) pthread_create(&id[i], NULL, flood, &calls[i]);
  nap(500);
  for (int i = 0; i < reads; i++) {
    double next = now_ms() + seconds * 1000 / reads, ms = read_shadow(argv[2]);
    if (ms >= 0) took[found++] = ms;
    if (next > now_ms()) nap((int)(next - now_ms()));
  }
  __atomic_store_n(&over, true, __ATOMIC_RELAXED);
  for (int i = 0; i < threads; i++) pthread_join(id[i], NULL);
  unsigned long sum = 0;
  for (int i = 0; i < threads; i++) sum += calls[i] * calls_a_turn;
  qsort(took, (size_t)found, sizeof(*took), by_size);
  printf(
      "# %lu calls; an alert takes %.0f ms without them, %.0f (middle) to %.0f ms (last of %d) "
      "beside them\n",
      sum, alone, found ? took[found / 2] : -1.0, found ? took[found - 1] : -1.0, found);
  printf("%d\n", found);
  return found == reads ? 0 : 1;
}
