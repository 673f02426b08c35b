// SPDX-License-Identifier: GPL-2.0-only
/*
 * SAKER_CMD_WAIT. The caller that removes a command from the list completes it. Until then the
 * command keeps its file open, and so the module and the rings.
 */
#include <linux/list.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <saker/ioctl.h>
#include "compat/uring.h"
#include "ring.h"
#include "wait.h"

/* Stored in the command itself. */
struct pending {
	struct list_head list;		/* empty: it is being completed */
	fl_owner_t owner;
	u32 first_cpu;
	u32 cpu_count;
};

static DEFINE_SPINLOCK(pending_lock);	/* interrupts off; also every saker_cpu.waiting */
static LIST_HEAD(pending_list);

static struct io_uring_cmd *pending_command(struct pending *pending)
{
	return container_of((void *)pending, struct io_uring_cmd, pdu);
}

static void count_waiting(const struct pending *pending, int by)
{
	u32 cpu;

	for (cpu = pending->first_cpu; cpu < pending->first_cpu + pending->cpu_count; cpu++) {
		struct saker_cpu *c = &per_cpu(saker_cpus, cpu);

		if (cpu_possible(cpu))
			WRITE_ONCE(c->waiting, c->waiting + by);
	}
}

static void take(struct pending *pending)
{
	list_del_init(&pending->list);
	count_waiting(pending, -1);
}

/* True: it is the caller's to complete. */
static bool take_if_pending(struct pending *pending)
{
	unsigned long flags;
	bool taken;

	spin_lock_irqsave(&pending_lock, flags);
	taken = !list_empty(&pending->list);
	if (taken)
		take(pending);
	spin_unlock_irqrestore(&pending_lock, flags);
	return taken;
}

static void complete_due(saker_tw_args)
{
	saker_tw_done(1);
}

static void complete_cancelled(saker_tw_args)
{
	saker_tw_done(-ECANCELED);
}

void saker_command_wake(unsigned int cpu)
{
	struct pending *pending, *next;
	unsigned long flags;

	spin_lock_irqsave(&pending_lock, flags);
	list_for_each_entry_safe(pending, next, &pending_list, list) {
		if (cpu - pending->first_cpu >= pending->cpu_count)
			continue;
		take(pending);
		io_uring_cmd_complete_in_task(pending_command(pending), complete_due);
	}
	spin_unlock_irqrestore(&pending_lock, flags);
}

void saker_command_cancel(fl_owner_t owner)
{
	struct pending *pending, *next;
	unsigned long flags;

	spin_lock_irqsave(&pending_lock, flags);
	list_for_each_entry_safe(pending, next, &pending_list, list) {
		if (pending->owner != owner)
			continue;
		take(pending);
		io_uring_cmd_complete_in_task(pending_command(pending), complete_cancelled);
	}
	spin_unlock_irqrestore(&pending_lock, flags);
}

/* The submission entry may still be in memory that userspace writes: read it once. */
static int pending_fill(struct pending *pending, struct io_uring_cmd *cmd)
{
	const struct saker_cmd_wait *payload = saker_cmd_payload(cmd, struct saker_cmd_wait);
	u32 first = READ_ONCE(payload->first_cpu);
	u32 count = READ_ONCE(payload->cpu_count);

	if (READ_ONCE(payload->reserved) || !count || first >= nr_cpu_ids ||
	    count > nr_cpu_ids - first)
		return -EINVAL;
	INIT_LIST_HEAD(&pending->list);
	pending->owner = current->files;
	pending->first_cpu = first;
	pending->cpu_count = count;
	return 0;
}

static int command_wait(struct io_uring_cmd *cmd, unsigned int issue_flags)
{
	struct pending *pending = saker_cmd_pdu(cmd, struct pending);
	unsigned long flags;
	bool over;
	int err;

	err = pending_fill(pending, cmd);
	if (err)
		return err;
	/* Before it can be completed, for completing removes the mark. */
	io_uring_cmd_mark_cancelable(cmd, issue_flags);

	/*
	 * Announce it to the producers first, then check the rings. A completion meanwhile waits
	 * for the lock. Once it is on the list and the lock is released, it may be gone at any
	 * time.
	 */
	spin_lock_irqsave(&pending_lock, flags);
	count_waiting(pending, 1);
	over = saker_wait_is_over(pending->first_cpu, pending->cpu_count);
	if (over)
		count_waiting(pending, -1);
	else
		list_add_tail(&pending->list, &pending_list);
	spin_unlock_irqrestore(&pending_lock, flags);
	if (over)
		saker_cmd_done(cmd, 1, issue_flags);
	return -EIOCBQUEUED;
}

int saker_command(struct io_uring_cmd *cmd, unsigned int issue_flags)
{
	if (issue_flags & IO_URING_F_CANCEL) {
		if (take_if_pending(saker_cmd_pdu(cmd, struct pending)))
			saker_cmd_done(cmd, -ECANCELED, issue_flags);
		return 0;
	}
	if (cmd->cmd_op != SAKER_CMD_WAIT)
		return -ENOTTY;
	return command_wait(cmd, issue_flags);
}
