/* SPDX-License-Identifier: Apache-2.0 */
/* Processes that a test makes because their actions would change or end the test itself. */
#ifndef SAKER_TESTS_EVENTS_CHILD_H
#define SAKER_TESTS_EVENTS_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

/* The descriptors on which a started program reports that it runs, and waits for permission to
 * end. */
#define CHILD_READY 200
#define CHILD_GO 201

struct child {
  pid_t pid;
  bool runs;
  int go;
};

/* Run @what in a child and wait for its end; its pid, to take records by. */
pid_t child_runs(void (*what)(void));
/* How the last of these ended, from waitpid(). */
extern int child_status;
/* @exec starts a program in a child; returns when the program runs, or could not be started. */
struct child child_starts(void (*exec)(void*), void* arg);
void child_ends(struct child* child);

#endif
