/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is attached to the kernel, and how. saker_hooks_apply() and saker_hooks_detach() sleep; the
 * device calls them under its own lock, never two at a time. The same goes for saker_hooks_info()
 * and saker_hooks_supported().
 */
#ifndef SAKER_HOOK_H
#define SAKER_HOOK_H

#include <linux/kprobes.h>
#include <linux/types.h>
#include <saker/ioctl.h>
#include "call.h"
#include "compat/direct.h"

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
	void (*enter)(struct saker_call *call);	/* the row's, or the door's, which calls that one */
	char symbol[48];
	enum saker_mechanism mechanism;		/* NONE: not attached */
	unsigned long stuck;			/* bits by mechanism: it could not be detached, is
						   never attached again, and the module stays */
	int error;
	u64 __percpu *hits;
	atomic_t missed_reported;		/* part of missed that was counted as lost */
	struct kretprobe rp;
	struct kprobe kp;
#ifdef SAKER_HAVE_DIRECT
	struct saker_direct direct;
#endif
};

/* Every mechanism begins a call with this; @regs: what the hooked function was given. */
static __always_inline void saker_call_begin(struct saker_call *call, struct saker_hook *hook,
					     const struct pt_regs *regs)
{
	call->hook = hook;
	call->sys = hook->sys;
	call->args = saker_native_args(regs);
	call->slot = NULL;
	call->held = NULL;
	if (hook->enter)
		hook->enter(call);
}

int saker_hooks_init(void);
void saker_hooks_exit(void);

/*
 * Attach what @asked names and nothing else. Events that could not be attached are set in @missing,
 * those that lack an inner hook in @partial. 0 or -errno.
 */
int saker_hooks_apply(const u64 *asked, u64 *missing, u64 *partial);
/* Afterwards no handler runs, and none will. */
void saker_hooks_detach(void);
/* Fills in hook number info->index, -ENOENT after the last. */
int saker_hooks_info(struct saker_hook_info *info);
void saker_hooks_supported(u64 *events);

/* Did the consumer ask for it, or is it attached because it is always written? Any context. */
bool saker_event_asked(u16 event);

/* The lane of the records that @sys writes, and of their loss if its event is not known. */
unsigned int saker_lane_of(const struct saker_syscall *sys);

/* The row of the native call that is @event, or NULL. */
const struct saker_syscall *saker_row_of(u16 event);

/*
 * Is @event asked for? A hook that can be several events has to check; a hook of one event is
 * attached only then.
 */
bool saker_hooks_want(u16 event);

/*
 * The mechanisms: hook_direct.c, hook_kretprobe.c, hook_tracepoint.c. After detaching some direct
 * hooks, and setting their mechanism to NONE: drain; @last says that none is left. Sleeps.
 */
#ifdef SAKER_HAVE_DIRECT
int saker_direct_init(void);
void saker_direct_exit(void);
bool saker_direct_available(void);
/* The current task's call through a direct hook, or NULL. */
struct saker_call *saker_direct_call(void);
/* Attach all of them or none; they are detached together too. */
int saker_direct_attach(struct saker_hook *const *hooks, unsigned int n);
/*
 * Detaching the last one of a group removes all of them. -errno: their functions still lead into
 * this module, which must not be unloaded; the calls leave no records.
 */
int __must_check saker_direct_detach(struct saker_hook *hook);
/* -errno means the same. */
int __must_check saker_direct_drain(bool last);
#else
static inline int saker_direct_init(void) { return 0; }
static inline void saker_direct_exit(void) {}
static inline bool saker_direct_available(void) { return false; }
static inline struct saker_call *saker_direct_call(void) { return NULL; }
static inline int saker_direct_attach(struct saker_hook *const *hooks, unsigned int n)
{
	return -EOPNOTSUPP;
}
#define SAKER_DIRECT_GROUP 32
static inline int saker_direct_detach(struct saker_hook *hook) { return 0; }
static inline int saker_direct_drain(bool last) { return 0; }
#endif
int saker_kretprobe_attach(struct saker_hook *hook);
int saker_kprobe_attach(struct saker_hook *hook);
/*
 * Kretprobes and kprobes, at most SAKER_DETACH_BATCH. Those that cannot be detached are marked as
 * stuck.
 */
#define SAKER_DETACH_BATCH 32
void saker_probes_detach(struct saker_hook *const *hooks, unsigned int n);
u32 saker_kretprobe_missed(const struct saker_hook *hook);
void saker_hook_report_missed(struct saker_hook *hook);

/* The points of process life. */
#define SAKER_LIFE_POINTS 3
int saker_life_attach(void);
void saker_life_detach(void);
int saker_life_info(unsigned int which, struct saker_hook_info *info);

/*
 * hook_uring.c: operations of io_uring are counted as far as @asked needs it; @hooked: those that
 * hooks see, by number. Sleeps.
 */
void saker_ops_attach(const u64 *asked, u64 hooked);
void saker_ops_detach(void);
int saker_ops_info(unsigned int which, struct saker_hook_info *info);
/* Fills in the counts of the first operation from next->opcode on that was used, else -ENOENT. */
int saker_ops_next(struct saker_uring_op *next);

#endif
