/* SPDX-License-Identifier: Apache-2.0 */
/*
 * events [TEST...]: makes every system call that is an event, in a guest with the module loaded,
 * and checks every parameter of its record. One line per check, and a last one with the sums.
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "rings.h"
#include "tests.h"

static char self[PATH_MAX];

static void exec_tests(void) { test_exec(self); }

static void overlay_tests(void) { test_overlay(self); }

static void doors_life_tests(void) { test_doors_life(self); }

static const struct {
  const char* name;
  void (*run)(void);
} tests[] = {
    // clang-format off
    {"open", test_open},
    {"sock", test_sock},
    {"mmsg", test_mmsg},
    {"names", test_names},
    {"names2", test_names2},
    {"other", test_other},
    {"made", test_made},
    {"simple", test_simple},
    {"generic", test_generic},
    {"life", test_life},
    {"exec", exec_tests},
    {"exec_failed", test_exec_failed},
    {"overlay", overlay_tests},
    {"doors", test_doors},
    {"doors_life", doors_life_tests},
    {"uring", test_uring},
    {"races", test_races},
    {"attach", test_attach},
    {"stress", test_stress},
    // clang-format on
};

static void prepare(void) {
  ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);

  if (len < 0) err(1, "/proc/self/exe");
  mkdir("/tmp/t", 0755);
  if (mount("t", "/tmp/t", "tmpfs", 0, NULL) || chdir("/tmp/t")) err(1, "/tmp/t");
  mkdir("dir", 0755);
  close(open("dir/file", O_CREAT | O_WRONLY, 0644));
  if (symlink("dir/file", "link") || mkfifo("fifo", 0600)) err(1, "/tmp/t");
}

static bool named(int argc, char** argv, const char* name) {
  int i;

  for (i = 1; i < argc; i++)
    if (!strcmp(argv[i], name)) return true;
  return argc < 2 && strcmp(name, "stress");
}

/* An error in an event that no test takes would go unnoticed. */
static void check_all_taken(void) {
#define SAKER_EVENT(id, name, family, lane) \
  CASE("a test takes " #name);              \
  check_that(!rings_untaken(id), "supported by the module, and tested");
#include <saker/events.def>
}

int main(int argc, char** argv) {
  unsigned int i;

  if (argc > 1 && !strncmp(argv[1], "child-", 6)) return child_main(argc, argv);
  setvbuf(stdout, NULL, _IOLBF, 0);
  prepare();
  rings_open();
  rings_ask_all();
  for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
    if (!named(argc, argv, tests[i].name)) continue;
    rings_flush();
    tests[i].run();
  }
  if (argc < 2) check_all_taken();
  rings_close();
  printf("%u passed, %u failed\n", checks_passed, checks_failed);
  return checks_failed ? 1 : 0;
}
