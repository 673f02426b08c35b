// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counts the operations of io_uring, by their number, at the kernel's own tracepoints: so that it
 * can be seen what passed without a record. Attached while an event is asked for that an operation
 * can do too, or a call of io_uring itself.
 */
#include <linux/bitmap.h>
#include <linux/err.h>
#include <linux/percpu.h>
#include <linux/tracepoint.h>
#include "compat/uring_trace.h"
#include "hook.h"
#include "ring.h"

#define OPS (U8_MAX + 1)

/*
 * struct op_counts - of one CPU
 * @submitted:	accepted for work
 * @refused:	the kernel could not make sense of them, or did not allow them
 * @unseen:	of those submitted, the ones that do what an event that was asked for does, while no
 *		hook sees them
 */
struct op_counts {
	u64 submitted[OPS];
	u64 refused[OPS];
	u64 unseen[OPS];
};

static struct op_counts __percpu *counts;
static unsigned long blind[BITS_TO_LONGS(OPS)];		/* operations that count as unseen */

static const u16 op_events[OPS] = {
#define SAKER_URING_OP_EVENT(id, name, event) [id] = SAKER_EV_##event,
#include <saker/uring_ops.def>
};

/* The consumer's own operations are none of its business. */
static void submitted(u8 opcode)
{
	if (saker_is_ignored(current))
		return;
	this_cpu_inc(counts->submitted[opcode]);
	if (test_bit(opcode, blind))
		this_cpu_inc(counts->unseen[opcode]);
}

static void __maybe_unused refused(u8 opcode)
{
	if (!saker_is_ignored(current))
		this_cpu_inc(counts->refused[opcode]);
}

static struct op_point {
	const char *name;
	void *probe;
	struct tracepoint *tp;
	bool attached;
	int error;
} points[] = {
	{ .name = SAKER_SUBMIT_NAME, .probe = saker_submit_probe },
	{ .name = "io_uring_req_failed", .probe = saker_refuse_probe },
};

static void find_point(struct tracepoint *tp, void *priv)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(points); i++)
		if (!strcmp(tp->name, points[i].name))
			points[i].tp = tp;
}

static int attach_point(struct op_point *point)
{
	if (!point->tp)
		return -ENOENT;
	if (!counts)
		counts = alloc_percpu(struct op_counts);
	if (!counts)
		return -ENOMEM;
	return tracepoint_probe_register(point->tp, point->probe, NULL);
}

static bool asked_for(const u64 *asked, u16 event)
{
	return asked[event / 64] & BIT_ULL(event % 64);
}

/* Can an operation do something that was asked for? */
static bool needed(const u64 *asked)
{
	unsigned int op;

	for (op = 0; op < OPS; op++)
		if (op_events[op] && asked_for(asked, op_events[op]))
			return true;
	return asked_for(asked, SAKER_EV_io_uring_setup) ||
	       asked_for(asked, SAKER_EV_io_uring_enter) ||
	       asked_for(asked, SAKER_EV_io_uring_register);
}

static void set_blind(const u64 *asked, u64 hooked)
{
	unsigned int op;

	for (op = 0; op < OPS; op++)
		assign_bit(op, blind, op_events[op] && asked_for(asked, op_events[op]) &&
			   !(op < 64 && hooked & BIT_ULL(op)));
}

void saker_ops_attach(const u64 *asked, u64 hooked)
{
	unsigned int i;

	if (!needed(asked)) {
		saker_ops_detach();
		return;
	}
	set_blind(asked, hooked);
	for_each_kernel_tracepoint(find_point, NULL);
	for (i = 0; i < ARRAY_SIZE(points); i++) {
		if (points[i].attached || !points[i].probe)
			continue;
		points[i].error = attach_point(&points[i]);
		points[i].attached = !points[i].error;
	}
}

void saker_ops_detach(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(points); i++) {
		if (points[i].attached)
			tracepoint_probe_unregister(points[i].tp, points[i].probe, NULL);
		points[i].attached = false;
		points[i].error = 0;
	}
	tracepoint_synchronize_unregister();
	free_percpu(counts);
	counts = NULL;
}

static u64 sum(unsigned int op, const u64 __percpu *array)
{
	u64 n = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		n += READ_ONCE(per_cpu_ptr(array, cpu)[op]);
	return n;
}

int saker_ops_next(struct saker_uring_op *next)
{
	unsigned int op;

	for (op = next->opcode; counts && op < OPS; op++) {
		next->opcode = op;
		next->submitted = sum(op, counts->submitted);
		next->refused = sum(op, counts->refused);
		next->unseen = sum(op, counts->unseen);
		if (next->submitted || next->refused)
			return 0;
	}
	return -ENOENT;
}

int saker_ops_info(unsigned int which, struct saker_hook_info *info)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(points); i++) {
		if (!points[i].probe || which--)
			continue;
		strscpy(info->symbol, points[i].name, sizeof(info->symbol));
		strscpy(info->mechanism, points[i].attached ? "tracepoint" : "none",
			sizeof(info->mechanism));
		info->attached = points[i].attached;
		info->error = points[i].error;
		return 0;
	}
	return -ENOENT;
}
