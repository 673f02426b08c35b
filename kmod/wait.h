/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How the consumer sleeps and what wakes it. A ring is ready for draining when it has a record of
 * lane LIFE or of an urgent type, when wake_bytes wait in it, or when a record has waited for
 * wake_us. Nothing runs while nothing is recorded.
 */
#ifndef SAKER_WAIT_H
#define SAKER_WAIT_H

#include <linux/fs.h>
#include <linux/poll.h>
#include <linux/types.h>

struct io_uring_cmd;
struct saker_cpu;
struct saker_ring;

/*
 * For the producer, on its CPU with preemption off, after the record is in the ring. Any context,
 * NMI included.
 */
void saker_wait_urgent(struct saker_cpu *cpu, struct saker_ring *ring);
void saker_wait_bytes(struct saker_cpu *cpu, struct saker_ring *ring);
void saker_wait_arm(struct saker_cpu *cpu);

/*
 * For the device, which guarantees that rings exist from saker_wait_start() to saker_wait_stop().
 */
int saker_wait_init(void);
void saker_wait_exit(void);
void saker_wait_tune(u32 wake_us);
void saker_wait_start(void);
/* No hook is attached any more: afterwards no timer and no irq_work runs. */
void saker_wait_stop(void);
__poll_t saker_wait_poll(struct file *file, poll_table *table);

/* waiter.c: a descriptor that waits for some CPUs of @device, for its consumer only; or -errno. */
int saker_waiter_open(struct file *device, unsigned int first_cpu, unsigned int cpu_count);
bool saker_waiter_active(const struct saker_cpu *cpu);
void saker_waiter_wake(const struct saker_cpu *cpu);

/*
 * Is one of these CPUs ready for draining? With the barrier that a waiter needs after it has
 * registered.
 */
bool saker_wait_is_over(unsigned int first_cpu, unsigned int cpu_count);

/* command.c: waiting through IORING_OP_URING_CMD, on kernels that have it. */
#ifdef SAKER_HAVE_URING_CMD
int saker_command(struct io_uring_cmd *cmd, unsigned int issue_flags);
/* Complete the commands that wait for @cpu. Interrupt context. */
void saker_command_wake(unsigned int cpu);
/* Complete with -ECANCELED the commands of the process with this table of descriptors. */
void saker_command_cancel(fl_owner_t owner);
#else
static inline void saker_command_wake(unsigned int cpu)
{
}

static inline void saker_command_cancel(fl_owner_t owner)
{
}
#endif

#endif
