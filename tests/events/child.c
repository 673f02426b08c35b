/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "child.h"

#include <err.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests.h"

int child_status;

pid_t child_runs(void (*what)(void)) {
  pid_t pid = fork();

  if (pid < 0) err(1, "fork");
  if (!pid) {
    what();
    _exit(0);
  }
  while (waitpid(pid, &child_status, 0) < 0)
    ;
  return pid;
}

struct child child_starts(void (*exec)(void*), void* arg) {
  struct child child;
  int ready[2], go[2];
  char byte;

  if (pipe(ready) || pipe(go)) err(1, "pipe");
  child.pid = fork();
  if (child.pid < 0) err(1, "fork");
  if (!child.pid) {
    dup2(ready[1], CHILD_READY);
    dup2(go[0], CHILD_GO);
    close(ready[0]);
    close(go[1]);
    exec(arg);
    _exit(127);
  }
  close(ready[1]);
  close(go[0]);
  child.runs = read(ready[0], &byte, 1) == 1;
  close(ready[0]);
  child.go = go[1];
  return child;
}

void child_ends(struct child* child) {
  close(child->go);
  while (waitpid(child->pid, NULL, 0) < 0)
    ;
}

/* child-wait: reports that it runs and waits until the test has checked it. */
int child_main(int argc, char** argv) {
  char byte = 1;

  (void)argc;
  if (strcmp(argv[1], "child-wait")) return 2;
  if (write(CHILD_READY, &byte, 1) != 1) return 1;
  close(CHILD_READY);
  return read(CHILD_GO, &byte, 1) ? 1 : 0;
}
