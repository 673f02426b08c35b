/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Slots: a fixed number of page sets for calls in flight that have much to keep, found by the task.
 * A slot is taken at a call's entry and released at its exit. If none is left, the call does
 * without, and the values are absent in its record.
 */
#ifndef SAKER_SLOT_H
#define SAKER_SLOT_H

#include <linux/limits.h>
#include <linux/sched.h>
#include <linux/types.h>

struct saker_call;
struct saker_hook;

/*
 * struct saker_slot - what one call in flight remembers
 * @task:	the task that is in the call; NULL: free
 * @hook:	the hook that took it, so that detaching frees those of calls that have not returned
 * @text:	names as the caller passed them
 * @seen_file:	of an open file, whose path is the first of @seen: as in the record of an open
 * @seen:	paths as an inner hook found them, @seen_len bytes at @seen_at; 0: none
 */
struct saker_slot {
	struct task_struct *task;
	struct saker_hook *hook;
	u16 seen_len[2];
	u16 seen_flags[2];
	const char *seen_at[2];
	struct {
		u64 dev;
		u64 ino;
		u32 fdtype;
		u32 flags;
	} seen_file;
	char text[3][PATH_MAX];
	char seen[2][PATH_MAX];
};

int saker_slots_init(void);
void saker_slots_exit(void);

/* Take one for @call, in call->slot; NULL if none is left. */
struct saker_slot *saker_slot_take(struct saker_call *call);
void saker_slot_release(struct saker_call *call);
/* Hooks have been detached: free the slots of their calls in flight. Sleeps. */
void saker_slots_reclaim(void);
/* The slot of the call that the current task is in, or NULL. */
struct saker_slot *saker_slot_current(void);
/* Space of PATH_MAX bytes for the call's name @which; NULL if no slot is left. */
char *saker_slot_text(struct saker_call *call, unsigned int which);

#endif
