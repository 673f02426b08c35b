/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is attached to the kernel, and how. saker_hooks_apply() and saker_hooks_detach() sleep and are called by the
 * device under its own lock, never two at a time; saker_hooks_info() and saker_hooks_supported() likewise.
 */
#ifndef SAKER_HOOK_H
#define SAKER_HOOK_H

#include <linux/kprobes.h>
#include <linux/types.h>
#include <saker/ioctl.h>
#include "compat/direct.h"

struct saker_call;

#define SAKER_CALL_SLOT BIT(0)		/* needs a slot, for what an inner hook finds */
#define SAKER_CALL_MANY BIT(1)		/* many tasks may be blocked in it at a time */
#define SAKER_CALL_ONLY_64 BIT(2)	/* 32-bit programs have no such call */
#define SAKER_CALL_ONLY_32 BIT(3)	/* only they have it */
#define SAKER_CALL_COMPAT BIT(4)	/* theirs is a function of its own kind: its structures are others */
#define SAKER_CALL_X32 BIT(5)		/* and it is that of x32 programs too */
#define SAKER_CALL_URING BIT(6)		/* no system call, but an operation of io_uring */

/* How a program comes to the same call: each is a function of its own in the kernel, and so a hook. */
enum saker_door {
	SAKER_DOOR_NATIVE,
	SAKER_DOOR_URING,		/* io_uring's function for the operation, by its whole name */
	SAKER_DOOR_IA32,		/* int 0x80 by anybody, any call of a 32-bit program */
	SAKER_DOOR_X32,			/* those calls of an x32 program that are not the native ones */
};

/*
 * struct saker_syscall - how one system call becomes one event; a family's table ends with a row without a name
 * @name:	after the architecture's prefix: "openat"
 * @event:	SAKER_EV_*; 0 if the call is several, see @events
 * @flags:	SAKER_CALL_*
 * @keep:	bytes of struct saker_call that are kept from enter to leave
 * @enter:	runs before the call, or NULL; preemption may be off, user memory is read without faulting
 * @leave:	runs after it, in the same task, and writes the record
 * @args:	the family's own: where the arguments are
 * @events:	closed by 0: all that the call can be; its enter says which by another row in call->sys
 * @ids16:	by argument: a user or group of 16 bits, as old programs pass them
 */
struct saker_syscall {
	const char *name;
	u16 event;
	u16 flags;
	u16 keep;
	void (*enter)(struct saker_call *call);
	void (*leave)(struct saker_call *call, long ret);
	const void *args;
	const u16 *events;
	u8 ids16;
};

/*
 * struct saker_inner - a function inside the kernel that sees the objects a call in flight acts on
 * @symbol:	its name
 * @events:	the events that need it, closed by 0
 * @see:	runs at its entry with the function's first arguments, SAKER_INNER_ARGS of them; nothing in it sleeps
 * @on:	if not NULL: it sees for direct calls only, is hooked directly too if that can be, and here stands whether it is
 */
#define SAKER_INNER_ARGS 4
struct saker_inner {
	const char *symbol;
	u16 events[10];
	void (*see)(const unsigned long *args);
	bool *on;
};

enum saker_mechanism {
	SAKER_MECH_NONE,
	SAKER_MECH_DIRECT,
	SAKER_MECH_KRETPROBE,
	SAKER_MECH_KPROBE,
	SAKER_MECH_TRACEPOINT,
};

struct saker_hook {
	const struct saker_syscall *sys;	/* one of the two */
	const struct saker_inner *inner;
	enum saker_door door;
	void (*enter)(struct saker_call *call);	/* the row's, or that of the door before it */
	char symbol[48];
	enum saker_mechanism mechanism;		/* NONE: not attached */
	unsigned long stuck;			/* by mechanism: could not be detached, is never attached again, and the module stays */
	int error;
	u64 __percpu *hits;
	atomic_t missed_told;			/* part of missed that was counted as lost */
	struct kretprobe rp;
	struct kprobe kp;
#ifdef SAKER_HAVE_DIRECT
	struct saker_direct direct;
#endif
};

int saker_hooks_init(void);
void saker_hooks_exit(void);

/*
 * Attaches what @asked names and nothing else; what cannot be attached is set in @missing, that of which a function inside the
 * kernel cannot be, in @partial. 0 or -errno.
 */
int saker_hooks_apply(const u64 *asked, u64 *missing, u64 *partial);
/* Afterwards no handler runs, and none will. */
void saker_hooks_detach(void);
/* Fills in hook number info->index, -ENOENT after the last. */
int saker_hooks_info(struct saker_hook_info *info);
void saker_hooks_supported(u64 *events);

/* Was it asked for by the consumer, rather than attached for what is always written? Any context. */
bool saker_event_asked(u16 event);

/* The lane that records of @event go to; the event may be 0, of a loss whose event nobody knows. */
unsigned int saker_lane_of(u16 event);

/* The row of the native call that is @event, or NULL. */
const struct saker_syscall *saker_row_of(u16 event);

/* Is @event asked for? Who asks must know: a hook that is one event is attached only then. */
bool saker_hooks_want(u16 event);

/*
 * The mechanisms: hook_direct.c, hook_kretprobe.c, hook_tracepoint.c. After detaching some direct hooks, whose mechanism is
 * NONE then: drain, and say whether none is left. It sleeps.
 */
#ifdef SAKER_HAVE_DIRECT
int saker_direct_init(void);
void saker_direct_exit(void);
bool saker_direct_available(void);
/* The current task's call that is under way through a direct hook, or NULL. */
struct saker_call *saker_direct_call(void);
/* All of them or none; they are to be detached together too. */
int saker_direct_attach(struct saker_hook *const *hooks, unsigned int n);
/*
 * The last of those that were attached together is what takes them off. -errno: their functions still lead into this
 * module, which must not go; the calls leave no records.
 */
int __must_check saker_direct_detach(struct saker_hook *hook);
/* -errno likewise. */
int __must_check saker_direct_drain(bool last);
#else
static inline int saker_direct_init(void) { return 0; }
static inline void saker_direct_exit(void) {}
static inline bool saker_direct_available(void) { return false; }
static inline struct saker_call *saker_direct_call(void) { return NULL; }
static inline int saker_direct_attach(struct saker_hook *const *hooks, unsigned int n) { return -EOPNOTSUPP; }
#define SAKER_DIRECT_GROUP 32
static inline int saker_direct_detach(struct saker_hook *hook) { return 0; }
static inline int saker_direct_drain(bool last) { return 0; }
#endif
int saker_kretprobe_attach(struct saker_hook *hook);
int saker_kprobe_attach(struct saker_hook *hook);
/* Of both kinds, at most SAKER_DETACH_BATCH. Those that cannot be detached are marked stuck. */
#define SAKER_DETACH_BATCH 32
void saker_probes_detach(struct saker_hook *const *hooks, unsigned int n);
u32 saker_kretprobe_missed(const struct saker_hook *hook);
void saker_hook_report_missed(struct saker_hook *hook);

int saker_life_attach(void);
void saker_life_detach(void);
int saker_life_info(unsigned int which, struct saker_hook_info *info);

#endif
