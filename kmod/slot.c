// SPDX-License-Identifier: GPL-2.0-only
#include <linux/hash.h>
#include <linux/vmalloc.h>
#include "hook.h"
#include "slot.h"

/*
 * A table with open addressing by task: the task's own place first, then the next few. A task is in
 * one call at a time, so no other task looks for its entry; cmpxchg decides who gets a free one.
 */
#define SLOTS_BITS 6
#define SLOTS (1u << SLOTS_BITS)
#define PROBES 8u

static struct saker_slot *slots;

int saker_slots_init(void)
{
	slots = vzalloc(array_size(SLOTS, sizeof(*slots)));
	return slots ? 0 : -ENOMEM;
}

void saker_slots_exit(void)
{
	vfree(slots);
	slots = NULL;
}

static struct saker_slot *place(unsigned int probe)
{
	return &slots[(hash_ptr(current, SLOTS_BITS) + probe) % SLOTS];
}

struct saker_slot *saker_slot_take(struct saker_call *call)
{
	struct saker_slot *slot;
	unsigned int i;

	for (i = 0; i < PROBES; i++) {
		slot = place(i);
		/* cmpxchg orders fully; pairs with [slot-free] */
		if (READ_ONCE(slot->task) || cmpxchg(&slot->task, NULL, current))
			continue;
		slot->seen_len[0] = 0;
		slot->seen_len[1] = 0;
		WRITE_ONCE(slot->hook, call->hook);
		call->slot = slot;
		return slot;
	}
	return NULL;
}

void saker_slot_release(struct saker_call *call)
{
	struct saker_slot *slot = call->slot;

	if (!slot)
		return;
	call->slot = NULL;
	WRITE_ONCE(slot->hook, NULL);
	/* [slot-free]: its contents are no longer looked at */
	smp_store_release(&slot->task, NULL);
}

/* No task: such a slot is not found and not taken. */
#define RECLAIMED ((struct task_struct *)1)

void saker_slots_reclaim(void)
{
	unsigned int i, n = 0;

	for (i = 0; i < SLOTS; i++) {
		const struct saker_hook *hook = READ_ONCE(slots[i].hook);

		if (!hook || hook->mechanism != SAKER_MECH_NONE)
			continue;
		WRITE_ONCE(slots[i].hook, NULL);
		WRITE_ONCE(slots[i].task, RECLAIMED);
		n++;
	}
	if (!n)
		return;
	synchronize_rcu();	/* an inner hook of the call may be writing into its slot */
	for (i = 0; i < SLOTS; i++)
		if (READ_ONCE(slots[i].task) == RECLAIMED)
			smp_store_release(&slots[i].task, NULL);	/* [slot-free] */
}

struct saker_slot *saker_slot_current(void)
{
	unsigned int i;

	for (i = 0; i < PROBES; i++)
		if (READ_ONCE(place(i)->task) == current)
			return place(i);
	return NULL;
}

char *saker_slot_text(struct saker_call *call, unsigned int which)
{
	if (!call->slot && !saker_slot_take(call))
		return NULL;
	return call->slot->text[which];
}
