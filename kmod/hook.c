// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of hooks: what can be attached, and by which mechanism. Only what was asked for is
 * attached; any other system call runs as if this module did not exist.
 */
#include <linux/bitmap.h>
#include <linux/module.h>
#include <linux/nospec.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <saker/ring.h>
#include "compat/door.h"
#include "families.h"
#include "hook.h"
#include "ring.h"
#include "slot.h"

static const struct saker_syscall *const families[] = {
#define SAKER_TABLE_NONE(name)
#define SAKER_TABLE_CALLS(name) saker_##name##_calls,
#define SAKER_FAMILY(name, source) SAKER_TABLE_##source(name)
#include <saker/events.def>
	saker_socketcall_calls,
	saker_uring_calls,
};

static const u8 lanes[SAKER_EV_MAX] = {
	[0] = SAKER_LANE_EVENT,
#define SAKER_EVENT(id, name, family, lane) [id] = SAKER_LANE_##lane,
#include <saker/events.def>
};

static bool direct_calls = true;
module_param(direct_calls, bool, 0444);
MODULE_PARM_DESC(direct_calls, "use ftrace direct calls where there are any (default: yes)");

static struct saker_hook *hooks;
static unsigned int nhooks;
static const struct saker_syscall *rows[SAKER_EV_MAX];	/* by event */
static u64 asked_now[SAKER_EV_MAX / 64];	/* by hooks that are several events */

static const char *const mechanism_names[] = {
	[SAKER_MECH_NONE] = "none",
	[SAKER_MECH_DIRECT] = "direct",
	[SAKER_MECH_KRETPROBE] = "kretprobe",
	[SAKER_MECH_KPROBE] = "kprobe",
	[SAKER_MECH_TRACEPOINT] = "tracepoint",
};

unsigned int saker_lane_of(const struct saker_syscall *sys)
{
	return sys->flags & SAKER_CALL_FAILS ? SAKER_LANE_EVENT : lanes[sys->event];
}

static void name_event(u64 *events, u16 event)
{
	events[event / 64] |= BIT_ULL(event % 64);
}

static void hook_events(const struct saker_hook *hook, u64 *events)
{
	const u16 *event = hook->sys ? hook->sys->events : hook->inner->events;

	if (!event) {
		name_event(events, hook->sys->event);
		return;
	}
	for (; *event; event++)
		name_event(events, *event);
}

const struct saker_syscall *saker_row_of(u16 event)
{
	return rows[event];
}

bool saker_hooks_want(u16 event)
{
	return READ_ONCE(asked_now[event / 64]) & BIT_ULL(event % 64);
}

static void want(const u64 *asked)
{
	unsigned int i;

	for (i = 0; i < SAKER_EV_MAX / 64; i++)
		WRITE_ONCE(asked_now[i], asked[i]);
}

static bool wanted(const struct saker_hook *hook, const u64 *asked)
{
	u64 events[SAKER_EV_MAX / 64] = {};
	unsigned int i;

	hook_events(hook, events);
	for (i = 0; i < SAKER_EV_MAX / 64; i++)
		if (events[i] & asked[i])
			return true;
	return false;
}

/* The mechanism is set first: a call may enter and leave before attaching is done. */
static int attach_by(struct saker_hook *hook, enum saker_mechanism mechanism,
		     int (*attach)(struct saker_hook *))
{
	int err;

	WRITE_ONCE(hook->mechanism, mechanism);
	err = attach(hook);
	if (err)
		WRITE_ONCE(hook->mechanism, SAKER_MECH_NONE);
	return err;
}

static int attach_direct(struct saker_hook *const *group, unsigned int n)
{
	unsigned int i;
	int err;

	if (!direct_calls)
		return -EOPNOTSUPP;
	for (i = 0; i < n; i++)
		WRITE_ONCE(group[i]->mechanism, SAKER_MECH_DIRECT);
	err = saker_direct_attach(group, n);
	for (i = 0; i < n; i++) {
		group[i]->error = err;
		if (err)
			WRITE_ONCE(group[i]->mechanism, SAKER_MECH_NONE);
	}
	return err;
}

static int attach(struct saker_hook *hook)
{
	int err;

	if (hook->inner && hook->inner->on) {
		err = attach_direct(&hook, 1);
		WRITE_ONCE(*hook->inner->on, !err);
	} else if (hook->inner) {
		err = attach_by(hook, SAKER_MECH_KPROBE, saker_kprobe_attach);
	} else {
		/*
		 * Direct calls are for functions of one argument, and for one call of a task at a
		 * time.
		 */
		err = hook->door == SAKER_DOOR_URING ? -EOPNOTSUPP : attach_direct(&hook, 1);
		/* A live patch or a BPF program may have the function's direct call. */
		if (err)
			err = attach_by(hook, SAKER_MECH_KRETPROBE, saker_kretprobe_attach);
	}
	hook->error = err;
	return err;
}

static bool attached(const struct saker_hook *hook)
{
	return hook->mechanism != SAKER_MECH_NONE;
}

/*
 * The kernel still refers to this module, which must therefore stay forever: usually after an error
 * in ftrace itself, which then changes no code any more. The hooks write no records.
 */
static void keep_module(const char *what, int err)
{
	pr_err("saker: %s cannot be detached (%d); the module stays loaded until the next boot\n",
	       what, err);
	__module_get(THIS_MODULE);
}

static void set_stuck(struct saker_hook *hook, int err)
{
	hook->error = err;
	keep_module(hook->symbol, err);
}

static void detach_direct(struct saker_hook *hook)
{
	int err = saker_direct_detach(hook);

	if (!err)
		return;
	hook->stuck |= BIT(SAKER_MECH_DIRECT);
	set_stuck(hook, err);
}

static void detach_probes(struct saker_hook *const *hooks, unsigned int n)
{
	unsigned int i;

	saker_probes_detach(hooks, n);
	for (i = 0; i < n; i++)
		if (hooks[i]->stuck & ~BIT(SAKER_MECH_DIRECT))
			set_stuck(hooks[i], -EBUSY);
}

/* Detach what @asked does not need any more. */
static void detach_but(const u64 *asked)
{
	struct saker_hook *batch[SAKER_DETACH_BATCH];
	unsigned int i, n = 0, direct = 0;
	bool drain = false;

	for (i = 0; i < nhooks; i++) {
		struct saker_hook *hook = &hooks[i];

		if (attached(hook) && wanted(hook, asked)) {
			direct += hook->mechanism == SAKER_MECH_DIRECT;
			continue;
		}
		if (!attached(hook))
			continue;
		if (hook->mechanism == SAKER_MECH_DIRECT) {
			if (hook->inner)
				WRITE_ONCE(*hook->inner->on, false);
			detach_direct(hook);
			drain = true;
		} else {
			batch[n++] = hook;
		}
		WRITE_ONCE(hook->mechanism, SAKER_MECH_NONE);
		if (n == SAKER_DETACH_BATCH) {
			detach_probes(batch, n);
			n = 0;
		}
	}
	if (n)
		detach_probes(batch, n);
	if (drain) {
		int err = saker_direct_drain(!direct);

		if (err)
			keep_module("a call that is under way", err);
	}
	saker_slots_reclaim();
}

/* The main door of an event, or its only one. */
static bool is_main(const struct saker_hook *hook)
{
	return hook->sys && hook->door == SAKER_DOOR_NATIVE &&
	       !(hook->sys->flags & SAKER_CALL_FAILS);
}

static u64 consumer_asked[SAKER_EV_MAX / 64];	/* its last request */

bool saker_event_asked(u16 event)
{
	return READ_ONCE(consumer_asked[event / 64]) & BIT_ULL(event % 64);
}

static bool anything(const u64 *events)
{
	unsigned int i;

	for (i = 0; i < SAKER_EV_MAX / 64; i++)
		if (events[i])
			return true;
	return false;
}

static bool is_change(const struct saker_hook *hook)
{
	unsigned int i;

	for (i = 0; i < SAKER_CHANGES; i++)
		if (hook->sys->event == saker_changes[i])
			return true;
	return false;
}

/* Are they attached and detached at the same time, for every possible request? */
static bool live_together(const struct saker_hook *one, const struct saker_hook *other)
{
	if (!one->sys || !other->sys || one->door == SAKER_DOOR_URING ||
	    other->door == SAKER_DOOR_URING || one->sys->events || other->sys->events)
		return false;
	return one->sys->event == other->sys->event || (is_change(one) && is_change(other));
}

/* The hooks that live together with hooks[@i] and are not attached, from that one on. */
static unsigned int group_at(unsigned int i, struct saker_hook **group)
{
	unsigned int n = 0, j;

	for (j = i; j < nhooks && n < SAKER_DIRECT_GROUP; j++) {
		if (j > i && !live_together(&hooks[i], &hooks[j]))
			break;
		if (!attached(&hooks[j]))
			group[n++] = &hooks[j];
	}
	return n;
}

static void attach_all(const u64 *asked, u64 *missing, u64 *partial)
{
	struct saker_hook *group[SAKER_DIRECT_GROUP];
	unsigned int i, n;

	for (i = 0; i < nhooks; i++) {
		struct saker_hook *hook = &hooks[i];

		if (attached(hook) || !wanted(hook, asked))
			continue;
		n = group_at(i, group);
		/* If they cannot be attached together, attach each one as it can be. */
		if (n > 1 && !attach_direct(group, n))
			continue;
		/*
		 * Without an inner hook a record has less in it; without one door, calls by the
		 * others are still seen.
		 */
		if (attach(hook))
			hook_events(hook, is_main(hook) ? missing : partial);
	}
}

/* The operations of io_uring that hooks see, by number. */
static u64 hooked_ops(void)
{
	unsigned int i;
	u64 ops = 0;

	for (i = 0; i < nhooks; i++)
		if (hooks[i].sys && attached(&hooks[i]))
			ops |= hooks[i].sys->opcodes;
	return ops;
}

int saker_hooks_apply(const u64 *user, u64 *missing, u64 *partial)
{
	u64 supported[SAKER_EV_MAX / 64];
	u64 asked[SAKER_EV_MAX / 64];
	unsigned int i;
	int err;

	might_sleep();
	for (i = 0; i < ARRAY_SIZE(consumer_asked); i++)
		WRITE_ONCE(consumer_asked[i], user[i]);
	if (!anything(user)) {
		saker_hooks_detach();
		return 0;
	}
	memcpy(asked, user, sizeof(asked));
	/* A consumer that asks for any event gets the changes of processes too. */
	for (i = 0; i < SAKER_CHANGES; i++)
		name_event(asked, saker_changes[i]);
	err = saker_life_attach();
	if (err)
		return err;
	want(asked);
	detach_but(asked);
	attach_all(asked, missing, partial);
	saker_ops_attach(user, hooked_ops());
	saker_hooks_supported(supported);
	for (i = 0; i < SAKER_EV_MAX / 64; i++) {
		missing[i] |= user[i] & ~supported[i];
		partial[i] &= user[i];
	}
	return 0;
}

void saker_hooks_detach(void)
{
	static const u64 nothing[SAKER_EV_MAX / 64];

	might_sleep();
	saker_ops_detach();
	detach_but(nothing);
	saker_life_detach();
}

int saker_hooks_info(struct saker_hook_info *info)
{
	const struct saker_hook *hook;
	int cpu;

	if (info->index >= nhooks + SAKER_LIFE_POINTS)
		return saker_ops_info(info->index - nhooks - SAKER_LIFE_POINTS, info);
	if (info->index >= nhooks)
		return saker_life_info(info->index - nhooks, info);
	hook = &hooks[array_index_nospec(info->index, nhooks)];
	strscpy(info->symbol, hook->symbol, sizeof(info->symbol));
	strscpy(info->mechanism, mechanism_names[hook->mechanism], sizeof(info->mechanism));
	info->attached = attached(hook);
	info->error = hook->error;
	if (hook->mechanism == SAKER_MECH_KRETPROBE)
		info->missed = saker_kretprobe_missed(hook);
	else if (hook->mechanism == SAKER_MECH_DIRECT)
		info->missed = atomic_read(&hook->missed_reported);
	for_each_possible_cpu(cpu)
		info->hits += *per_cpu_ptr(hook->hits, cpu);
	hook_events(hook, info->events);
	return 0;
}

void saker_hooks_supported(u64 *events)
{
	struct saker_hook_info life;
	unsigned int i, j;

	memset(events, 0, SAKER_EV_MAX / 8);
	for (i = 0; i < nhooks; i++)
		hook_events(&hooks[i], events);
	for (i = 0; memset(&life, 0, sizeof(life)), !saker_life_info(i, &life); i++)
		for (j = 0; j < SAKER_EV_MAX / 64; j++)
			events[j] |= life.events[j];
}

static int make_hook(const struct saker_hook *like)
{
	struct saker_hook *hook = &hooks[nhooks];

	*hook = *like;
	hook->hits = alloc_percpu(u64);
	if (!hook->hits)
		return -ENOMEM;
	nhooks++;
	return 0;
}

static int make_inner(const struct saker_inner *inner)
{
	struct saker_hook hook = { .inner = inner };

	strscpy(hook.symbol, inner->symbol, sizeof(hook.symbol));
	return make_hook(&hook);
}

/* Does this kernel have @door for @sys, by its configuration? */
static bool has_door(const struct saker_syscall *sys, enum saker_door door)
{
	if (sys->flags & SAKER_CALL_URING)
		return door == SAKER_DOOR_URING;
	switch (door) {
	case SAKER_DOOR_URING:
		return false;
	case SAKER_DOOR_NATIVE:
		return !(sys->flags & SAKER_CALL_ONLY_32);
	case SAKER_DOOR_IA32:
		return IS_ENABLED(CONFIG_IA32_EMULATION) && !(sys->flags & SAKER_CALL_ONLY_64);
	case SAKER_DOOR_X32:
		return SAKER_HAVE_X32 && sys->flags & SAKER_CALL_X32;
	}
	return false;
}

static int make_call(const struct saker_syscall *sys)
{
	enum saker_door door;
	int err;

	for (door = SAKER_DOOR_NATIVE; door <= SAKER_DOOR_X32; door++) {
		struct saker_hook hook = { .sys = sys, .door = door, .enter = sys->enter };

		if (!has_door(sys, door))
			continue;
		if (door == SAKER_DOOR_IA32)
			hook.enter = saker_ia32_enter;
		saker_door_symbol(hook.symbol, sizeof(hook.symbol), door,
				  sys->flags & SAKER_CALL_COMPAT, sys->name);
		err = make_hook(&hook);
		if (err)
			return err;
		if (door == SAKER_DOOR_NATIVE)
			rows[sys->event] = sys;
	}
	return 0;
}

#define DOORS (SAKER_DOOR_X32 + 1)

static unsigned int count_hooks(void)
{
	const struct saker_inner *inner;
	const struct saker_syscall *sys;
	unsigned int i, n = 0;

	for (i = 0; i < ARRAY_SIZE(families); i++)
		for (sys = families[i]; sys->name; sys++)
			n += DOORS;
	for (inner = saker_inners; inner->symbol; inner++)
		n++;
	return n;
}

/*
 * Inner hooks are last in the table: they are attached and detached after the calls that need them.
 */
static int make_hooks(void)
{
	const struct saker_inner *inner;
	const struct saker_syscall *sys;
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(families); i++) {
		for (sys = families[i]; sys->name; sys++) {
			err = make_call(sys);
			if (err)
				return err;
		}
	}
	for (inner = saker_inners; inner->symbol; inner++) {
		err = make_inner(inner);
		if (err)
			return err;
	}
	return 0;
}

int saker_hooks_init(void)
{
	int err = -ENOMEM;

	hooks = kvcalloc(count_hooks(), sizeof(*hooks), GFP_KERNEL);
	if (!hooks)
		return -ENOMEM;
	err = make_hooks();
	if (err)
		goto undo;
	err = saker_slots_init();
	if (err)
		goto undo;
	err = saker_direct_init();
	if (err)
		goto undo;
	saker_paths_init();
	return 0;
undo:
	saker_hooks_exit();
	return err;
}

void saker_hooks_exit(void)
{
	unsigned int i;

	for (i = 0; i < nhooks; i++)
		free_percpu(hooks[i].hits);
	kvfree(hooks);
	hooks = NULL;
	nhooks = 0;
	saker_direct_exit();
	saker_slots_exit();
}
