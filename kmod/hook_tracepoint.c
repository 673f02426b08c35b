// SPDX-License-Identifier: GPL-2.0-only
/* Process life: the scheduler's tracepoints, attached as soon as any event is asked for. */
#include <linux/hash.h>
#include <linux/sched/signal.h>
#include <linux/tracepoint.h>
#include "families.h"
#include "hook.h"

static void on_fork(void *data, struct task_struct *parent, struct task_struct *child);
static void on_exec(void *data, struct task_struct *task, pid_t old_pid, struct linux_binprm *bprm);
static void on_exit(void *data, struct task_struct *task);

static struct life_point {
	const char *name;
	void *probe;
	struct tracepoint *tp;
	bool attached;
	int error;
	u64 __percpu *hits;
	u64 events[SAKER_EV_MAX / 64];
} points[SAKER_LIFE_POINTS] = {
	{ .name = "sched_process_fork", .probe = on_fork, .events = {
		BIT_ULL(SAKER_EV_clone) | BIT_ULL(SAKER_EV_fork) | BIT_ULL(SAKER_EV_vfork) |
		BIT_ULL(SAKER_EV_clone3) } },
	{ .name = "sched_process_exec", .probe = on_exec, .events = {
		BIT_ULL(SAKER_EV_execve) | BIT_ULL(SAKER_EV_execveat) } },
	{ .name = "sched_process_exit", .probe = on_exit, .events = {
		BIT_ULL(SAKER_EV_procexit) } },
};

static void on_fork(void *data, struct task_struct *parent, struct task_struct *child)
{
	if (child->tgid != child->pid || child->flags & PF_KTHREAD)
		return;
	this_cpu_inc(*points[0].hits);
	saker_write_fork(parent, child);
}

static void on_exec(void *data, struct task_struct *task, pid_t old_pid, struct linux_binprm *bprm)
{
	this_cpu_inc(*points[1].hits);
	saker_write_exec(task, bprm);
}

/*
 * When several threads exit at a time, each may find that no thread is left: the first one to leave
 * its mark here reports the end of the process. If two such processes collide at the same moment,
 * one end is reported twice, which does no harm.
 */
#define MARKS_BITS 8
static atomic_long_t exit_marks[1 << MARKS_BITS];

static bool already_reported(const struct task_struct *task)
{
	const struct signal_struct *signal = task->signal;
	long mark = (long)signal ^ (long)task->group_leader->start_boottime;

	return atomic_long_xchg(&exit_marks[hash_ptr(signal, MARKS_BITS)], mark) == mark;
}

static void on_exit(void *data, struct task_struct *task)
{
	if (atomic_read(&task->signal->live) || task->flags & PF_KTHREAD || already_reported(task))
		return;
	this_cpu_inc(*points[2].hits);
	saker_write_exit(task);
}

static void find_point(struct tracepoint *tp, void *priv)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(points); i++)
		if (!strcmp(tp->name, points[i].name))
			points[i].tp = tp;
}

static int attach_point(struct life_point *point)
{
	if (!point->tp)
		return -ENOENT;
	if (!point->hits)
		point->hits = alloc_percpu(u64);
	if (!point->hits)
		return -ENOMEM;
	return tracepoint_probe_register(point->tp, point->probe, NULL);
}

int saker_life_attach(void)
{
	unsigned int i;
	int err;

	for_each_kernel_tracepoint(find_point, NULL);
	for (i = 0; i < ARRAY_SIZE(points); i++) {
		if (points[i].attached)
			continue;
		err = attach_point(&points[i]);
		points[i].error = err;
		if (err)
			goto undo;
		points[i].attached = true;
	}
	return 0;
undo:
	saker_life_detach();
	return err;
}

void saker_life_detach(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(points); i++)
		if (points[i].attached)
			tracepoint_probe_unregister(points[i].tp, points[i].probe, NULL);
	tracepoint_synchronize_unregister();
	for (i = 0; i < ARRAY_SIZE(points); i++) {
		points[i].attached = false;
		free_percpu(points[i].hits);
		points[i].hits = NULL;
	}
}

int saker_life_info(unsigned int which, struct saker_hook_info *info)
{
	const struct life_point *point = &points[which];
	int cpu;

	if (which >= ARRAY_SIZE(points))
		return -ENOENT;
	strscpy(info->symbol, point->name, sizeof(info->symbol));
	strscpy(info->mechanism, point->attached ? "tracepoint" : "none", sizeof(info->mechanism));
	info->attached = point->attached;
	info->error = point->error;
	if (point->hits)
		for_each_possible_cpu(cpu)
			info->hits += *per_cpu_ptr(point->hits, cpu);
	memcpy(info->events, point->events, sizeof(info->events));
	return 0;
}
