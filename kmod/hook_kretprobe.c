// SPDX-License-Identifier: GPL-2.0-only
/*
 * The mechanism that works everywhere: a kretprobe on the system call's function. Its handlers run
 * with preemption off. If a call is blocked when the probe is removed, the kprobes core releases
 * it: its exit handler does not run.
 */
#include <linux/kprobes.h>
#include "hook.h"
#include "ring.h"
#include "slot.h"

#define ACTIVE 512
#define ACTIVE_MANY 4096
#define ACTIVE_SIDE 4		/* other doors than the native one get a fourth */

/* Calls that found no free instance: each is a record that could not be written. */
void saker_hook_report_missed(struct saker_hook *hook)
{
	u32 missed = saker_kretprobe_missed(hook);
	u32 before = atomic_read(&hook->missed_reported);

	if (missed != before && atomic_cmpxchg(&hook->missed_reported, before, missed) == before)
		saker_out_lost(saker_lane_of(hook->sys), hook->sys->event, missed - before);
}

u32 saker_kretprobe_missed(const struct saker_hook *hook)
{
	return READ_ONCE(hook->rp.nmissed) + saker_kprobe_missed(&hook->rp.kp);
}

static int on_enter(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct saker_hook *hook = container_of(get_kretprobe(ri), struct saker_hook, rp);
	struct saker_call *call = (struct saker_call *)ri->data;

	if (unlikely(READ_ONCE(hook->mechanism) != SAKER_MECH_KRETPROBE))
		return 1;	/* it could not be detached */
	saker_call_begin(call, hook, (const struct pt_regs *)regs_get_kernel_argument(regs, 0));
	return 0;
}
NOKPROBE_SYMBOL(on_enter);

static int on_leave(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct saker_call *call = (struct saker_call *)ri->data;
	struct saker_hook *hook = call->hook;

	this_cpu_inc(*hook->hits);
	call->sys->leave(call, regs_return_value(regs));
	saker_slot_release(call);
	if (unlikely(saker_kretprobe_missed(hook) != atomic_read(&hook->missed_reported)))
		saker_hook_report_missed(hook);
	return 0;
}
NOKPROBE_SYMBOL(on_leave);

int saker_kretprobe_attach(struct saker_hook *hook)
{
	int active = hook->sys->flags & SAKER_CALL_MANY ? ACTIVE_MANY : ACTIVE;

	if (hook->stuck & BIT(SAKER_MECH_KRETPROBE))
		return -EBUSY;
	/* Registering changes the structure: start from a clean one each time. */
	hook->rp = (struct kretprobe){
		.kp.symbol_name = hook->symbol,
		.entry_handler = on_enter,
		.handler = on_leave,
		.data_size = hook->sys->keep,
		.maxactive = hook->door == SAKER_DOOR_NATIVE ? active : active / ACTIVE_SIDE,
	};
	atomic_set(&hook->missed_reported, 0);
	return register_kretprobe(&hook->rp);
}

static int on_inner(struct kprobe *kp, struct pt_regs *regs)
{
	struct saker_hook *hook = container_of(kp, struct saker_hook, kp);
	unsigned long args[SAKER_INNER_ARGS];
	unsigned int i;

	if (unlikely(READ_ONCE(hook->mechanism) != SAKER_MECH_KPROBE))
		return 0;	/* it could not be detached */
	for (i = 0; i < SAKER_INNER_ARGS; i++)
		args[i] = regs_get_kernel_argument(regs, i);
	this_cpu_inc(*hook->hits);
	hook->inner->see(args);
	return 0;
}
NOKPROBE_SYMBOL(on_inner);

int saker_kprobe_attach(struct saker_hook *hook)
{
	if (hook->stuck & BIT(SAKER_MECH_KPROBE))
		return -EBUSY;
	hook->kp = (struct kprobe){
		.symbol_name = hook->symbol,
		.pre_handler = on_inner,
	};
	return register_kprobe(&hook->kp);
}

/* All at once: each would wait for all CPUs by itself. */
void saker_probes_detach(struct saker_hook *const *hooks, unsigned int n)
{
	struct kretprobe *rps[SAKER_DETACH_BATCH];
	struct kprobe *kps[SAKER_DETACH_BATCH];
	unsigned int i, nrps = 0, nkps = 0;

	for (i = 0; i < n; i++) {
		if (hooks[i]->sys)
			rps[nrps++] = &hooks[i]->rp;
		else
			kps[nkps++] = &hooks[i]->kp;
	}
	unregister_kretprobes(rps, nrps);
	unregister_kprobes(kps, nkps);
	/* A probe that could not be removed has lost its address; there is no other sign. */
	for (i = 0; i < n; i++)
		if (!(hooks[i]->sys ? hooks[i]->rp.kp.addr : hooks[i]->kp.addr))
			hooks[i]->stuck |= hooks[i]->sys ? BIT(SAKER_MECH_KRETPROBE) :
							   BIT(SAKER_MECH_KPROBE);
	preempt_disable();
	for (i = 0; i < n; i++)
		if (hooks[i]->sys)
			saker_hook_report_missed(hooks[i]);
	preempt_enable();
}
