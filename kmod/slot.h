/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Slots: a fixed number of page sets for calls in flight that have much to remember, found again by the task in it.
 * A slot is taken at a call's entry and given back at its exit; a call for which none is left does without, and its
 * record says so by absent values.
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
 * @task:	in whose call; NULL: free
 * @hook:	through which it was taken, so that detaching gives back those of calls that have not returned
 * @text:	names as the caller gave them
 * @seen_file:	beside the first of @seen, of an open file: as in an open's record
 * @seen:	paths as an inner hook found them; ends at @seen[i] + PATH_MAX, of @seen_len bytes, 0: none
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
/* Hooks have been detached: free what their calls in flight will not give back. Sleeps. */
void saker_slots_reclaim(void);
/* That of the call that the current task is in, or NULL. */
struct saker_slot *saker_slot_current(void);
/* Room for PATH_MAX bytes of the call's name @which; NULL if no slot is left. */
char *saker_slot_text(struct saker_call *call, unsigned int which);

#endif
