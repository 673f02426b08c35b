// SPDX-License-Identifier: GPL-2.0-only
/*
 * Descriptors that wait: poll() of one reports that CPUs of its range are ready for draining. Each
 * drain thread of a daemon without io_uring has one, and is woken for its own CPUs only. It keeps
 * its device's file, and so the rings, while it is open.
 */
#include <linux/anon_inodes.h>
#include <linux/file.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include "ring.h"
#include "wait.h"

/* A CPU has one waiter at most: what wakes it needs no list. */
struct saker_waiter_file {
	wait_queue_head_t queue;
	struct file *device;
	unsigned int first_cpu;
	unsigned int cpu_count;
};

static DEFINE_SPINLOCK(waiters_lock);	/* every saker_cpu.waiter */

/* Producers and wakers read it with preemption off, or in an interrupt: an RCU read side. */
static struct saker_waiter_file *waiter_of(const struct saker_cpu *cpu)
{
	return READ_ONCE(cpu->waiter);
}

bool saker_waiter_active(const struct saker_cpu *cpu)
{
	struct saker_waiter_file *waiter = waiter_of(cpu);

	return waiter && waitqueue_active(&waiter->queue);
}

void saker_waiter_wake(const struct saker_cpu *cpu)
{
	struct saker_waiter_file *waiter = waiter_of(cpu);

	if (waiter && waitqueue_active(&waiter->queue))
		wake_up_interruptible_poll(&waiter->queue, EPOLLIN | EPOLLRDNORM);
}

static __poll_t waiter_poll(struct file *file, poll_table *table)
{
	struct saker_waiter_file *waiter = file->private_data;

	poll_wait(file, &waiter->queue, table);
	return saker_wait_is_over(waiter->first_cpu, waiter->cpu_count) ? EPOLLIN | EPOLLRDNORM : 0;
}

static void set_waiter(struct saker_waiter_file *waiter, struct saker_waiter_file *to)
{
	unsigned int cpu;

	for (cpu = waiter->first_cpu; cpu < waiter->first_cpu + waiter->cpu_count; cpu++)
		if (cpu_possible(cpu))
			WRITE_ONCE(per_cpu(saker_cpus, cpu).waiter, to);
}

static bool taken(const struct saker_waiter_file *waiter)
{
	unsigned int cpu;

	for (cpu = waiter->first_cpu; cpu < waiter->first_cpu + waiter->cpu_count; cpu++)
		if (cpu_possible(cpu) && per_cpu(saker_cpus, cpu).waiter)
			return true;
	return false;
}

static void waiter_free(struct saker_waiter_file *waiter)
{
	spin_lock(&waiters_lock);
	set_waiter(waiter, NULL);
	spin_unlock(&waiters_lock);
	synchronize_rcu();	/* nothing wakes it any more */
	kfree(waiter);
}

static int waiter_release(struct inode *inode, struct file *file)
{
	struct saker_waiter_file *waiter = file->private_data;
	struct file *device = waiter->device;

	waiter_free(waiter);
	fput(device);
	return 0;
}

static const struct file_operations operations = {
	.owner = THIS_MODULE,
	.release = waiter_release,
	.poll = waiter_poll,
	.llseek = noop_llseek,
};

int saker_waiter_open(struct file *device, unsigned int first_cpu, unsigned int cpu_count)
{
	struct saker_waiter_file *waiter;
	int fd = -EBUSY;

	if (!cpu_count || first_cpu >= nr_cpu_ids || cpu_count > nr_cpu_ids - first_cpu)
		return -EINVAL;
	waiter = kzalloc(sizeof(*waiter), GFP_KERNEL_ACCOUNT);
	if (!waiter)
		return -ENOMEM;
	init_waitqueue_head(&waiter->queue);
	waiter->device = device;
	waiter->first_cpu = first_cpu;
	waiter->cpu_count = cpu_count;
	spin_lock(&waiters_lock);
	if (taken(waiter)) {
		spin_unlock(&waiters_lock);
		kfree(waiter);
		return fd;
	}
	set_waiter(waiter, waiter);
	spin_unlock(&waiters_lock);
	get_file(device);
	fd = anon_inode_getfd("[saker-waiter]", &operations, waiter, O_RDWR | O_CLOEXEC);
	if (fd < 0) {
		fput(device);
		waiter_free(waiter);
	}
	return fd;
}
