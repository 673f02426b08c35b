/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What extract/ provides and the hooks use: the tables of calls and of inner functions, and what
 * writes the records of process life. Files outside extract/ include this header and none of
 * extract/ (tests/check/kmod).
 */
#ifndef SAKER_FAMILIES_H
#define SAKER_FAMILIES_H

#include "call.h"

struct linux_binprm;
struct task_struct;

/* The calls of each family, from extract/<family>.c. */
#define SAKER_CALLS_NONE(name)
#define SAKER_CALLS_CALLS(name) extern const struct saker_syscall saker_##name##_calls[];
#define SAKER_FAMILY(name, source) SAKER_CALLS_##source(name)
#include <saker/events.def>
#undef SAKER_CALLS_NONE
#undef SAKER_CALLS_CALLS
/* socketcall(2): the socket calls of 32-bit programs, which are events of other families. */
extern const struct saker_syscall saker_socketcall_calls[];
extern const struct saker_syscall saker_uring_calls[];

/* seen.c: the functions inside the kernel. */
extern const struct saker_inner saker_inners[];

/* The records of process life, from exec.c and life.c; called with preemption off. */
void saker_write_exec(struct task_struct *task, struct linux_binprm *bprm);
void saker_write_fork(struct task_struct *parent, struct task_struct *child);
void saker_write_exit(struct task_struct *task);

/* put_path.c: once, when the module is loaded. Sleeps. */
void saker_paths_init(void);

#endif
