// SPDX-License-Identifier: GPL-2.0-only
/*
 * Waking the consumer. A position in each ring says what is due, so nothing has to be reset when
 * the consumer has drained. The producer only queues an irq_work on its own CPU: hooks may run
 * where nothing else is allowed.
 */
#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/ktime.h>
#include <linux/preempt.h>
#include <linux/wait.h>
#include "ring.h"
#include "wait.h"

#define DEFAULT_WAKE_US 1000
#define GAP_RETRY_NS (10 * NSEC_PER_MSEC)	/* how often to try to report a gap */

static DECLARE_WAIT_QUEUE_HEAD(readers);
static u64 wake_ns = DEFAULT_WAKE_US * NSEC_PER_USEC;
static bool active;			/* rings exist; written under cpus_read_lock() */
static enum cpuhp_state online_state, prepare_state;

static bool cpu_is_due(const struct saker_cpu *cpu)
{
	unsigned int lane;

	for (lane = 0; lane < SAKER_LANES; lane++)
		if (saker_ring_is_due(&cpu->ring[lane]))
			return true;
	return false;
}

static unsigned int number_of(const struct saker_cpu *cpu)
{
	return cpu->ring[0].head->cpu;
}

static void wake(struct saker_cpu *cpu)
{
	if (!cpu_is_due(cpu))
		return;
	if (waitqueue_active(&readers))
		wake_up_interruptible_poll(&readers, EPOLLIN | EPOLLRDNORM);
	saker_waiter_wake(cpu);
	if (READ_ONCE(cpu->waiting))
		saker_command_wake(number_of(cpu));
}

void saker_wait_urgent(struct saker_cpu *cpu, struct saker_ring *ring)
{
	WRITE_ONCE(ring->due, ring->pos);
	/*
	 * Either we see the task that is going to sleep, or it sees that something is due: pairs
	 * with the barrier in saker_wait_is_over().
	 */
	smp_mb();
	if (READ_ONCE(cpu->waiting) || waitqueue_active(&readers) || saker_waiter_active(cpu))
		irq_work_queue(&cpu->kick);
}

/*
 * No barrier is needed for a consumer that is going to sleep and does not see these bytes yet: they
 * are not due for the timer either, so it runs.
 */
void saker_wait_bytes(struct saker_cpu *cpu, struct saker_ring *ring)
{
	u64 wake_bytes = READ_ONCE(ring->wake_bytes);
	u64 tail = saker_ring_look(ring) - ring->data_size;

	if (ring->pos - tail < wake_bytes) {
		ring->wake_at = tail + wake_bytes;
		return;
	}
	ring->wake_at = ring->pos + wake_bytes / 4;
	/*
	 * If the consumer has not reached the due position yet, it will look again before it
	 * sleeps.
	 */
	if ((s64)(ring->due - tail) <= 0)
		saker_wait_urgent(cpu, ring);
}

void saker_wait_arm(struct saker_cpu *cpu)
{
	cpu->armed = true;
	cpu->arm = true;
	irq_work_queue(&cpu->kick);
}

/* On the CPU that queued it. */
static void kick(struct irq_work *work)
{
	struct saker_cpu *cpu = container_of(work, struct saker_cpu, kick);

	if (READ_ONCE(cpu->arm)) {
		WRITE_ONCE(cpu->arm, false);
		hrtimer_start(&cpu->timer, ns_to_ktime(READ_ONCE(wake_ns)),
			      HRTIMER_MODE_REL_PINNED);
	}
	wake(cpu);
}

/*
 * All that is in the rings now is due; the next record arms the timer again. No barrier against the
 * producer is needed, because it is on this CPU: a record is in the ring already, or finds the
 * timer not armed. (When a CPU goes offline its timer moves to another, but then there is no
 * producer, see timer_comes_home().)
 */
static bool expire(struct saker_cpu *cpu)
{
	bool gap = false;
	unsigned int lane;

	preempt_disable();
	cpu->armed = false;
	barrier();
	for (lane = 0; lane < SAKER_LANES; lane++) {
		struct saker_ring *ring = &cpu->ring[lane];
		bool ours = !cpu->busy && cpu == this_cpu_ptr(&saker_cpus);

		if (cpu->nested[lane] && ours)
			saker_cpu_take_nested(cpu, lane, saker_cpu_now(cpu));
		if (ring->gap_lost && ours)
			saker_ring_report_gap(ring, saker_cpu_now(cpu));
		gap |= ring->gap_lost;
		WRITE_ONCE(ring->due, ring->pos);
	}
	preempt_enable();
	smp_mb();		/* as in saker_wait_urgent() */
	wake(cpu);
	return gap;
}

/*
 * While a gap is not reported the timer continues, slowly; a record in the meantime makes it fast
 * again.
 */
static enum hrtimer_restart timer_fires(struct hrtimer *timer)
{
	struct saker_cpu *cpu = container_of(timer, struct saker_cpu, timer);

	if (!expire(cpu))
		return HRTIMER_NORESTART;
	hrtimer_forward_now(timer, ns_to_ktime(GAP_RETRY_NS));
	return HRTIMER_RESTART;
}

bool saker_wait_is_over(unsigned int first_cpu, unsigned int cpu_count)
{
	unsigned int cpu;

	smp_mb();		/* pairs with the one in saker_wait_urgent() */
	for (cpu = first_cpu; cpu < first_cpu + cpu_count; cpu++)
		if (cpu_possible(cpu) && saker_cpu_ready(cpu) &&
		    cpu_is_due(&per_cpu(saker_cpus, cpu)))
			return true;
	return false;
}

__poll_t saker_wait_poll(struct file *file, poll_table *table)
{
	poll_wait(file, &readers, table);
	return saker_wait_is_over(0, nr_cpu_ids) ? EPOLLIN | EPOLLRDNORM : 0;
}

void saker_wait_tune(u32 wake_us)
{
	WRITE_ONCE(wake_ns, (wake_us ?: DEFAULT_WAKE_US) * (u64)NSEC_PER_USEC);
}

/*
 * Runs on the CPU before any task that a hook could see: the CPU's timer may still wait, or run, on
 * another CPU.
 */
static int timer_comes_home(unsigned int number)
{
	struct saker_cpu *cpu = &per_cpu(saker_cpus, number);

	if (active) {
		hrtimer_cancel(&cpu->timer);
		expire(cpu);
	}
	return 0;
}

/*
 * Rings are made before the CPU can run. Without memory for them it is not brought up, because
 * nothing would see it.
 */
static int make_rings(unsigned int number)
{
	return saker_rings_grow(number);
}

void saker_wait_start(void)
{
	cpus_read_lock();
	active = true;
	cpus_read_unlock();
}

void saker_wait_stop(void)
{
	int cpu;

	cpus_read_lock();
	active = false;
	for_each_possible_cpu(cpu) {
		struct saker_cpu *c = &per_cpu(saker_cpus, cpu);

		irq_work_sync(&c->kick);
		hrtimer_cancel(&c->timer);
		c->armed = false;
	}
	cpus_read_unlock();
}

int saker_wait_init(void)
{
	int cpu, state;

	for_each_possible_cpu(cpu) {
		struct saker_cpu *c = &per_cpu(saker_cpus, cpu);

		init_irq_work(&c->kick, kick);
		hrtimer_setup(&c->timer, timer_fires, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED);
	}
	state = cpuhp_setup_state_nocalls(CPUHP_BP_PREPARE_DYN, "saker:prepare", make_rings, NULL);
	if (state < 0)
		return state;
	prepare_state = state;
	state = cpuhp_setup_state_nocalls(CPUHP_AP_ONLINE_DYN, "saker:online", timer_comes_home,
					  NULL);
	if (state < 0) {
		cpuhp_remove_state_nocalls(prepare_state);
		return state;
	}
	online_state = state;
	return 0;
}

void saker_wait_exit(void)
{
	cpuhp_remove_state_nocalls(online_state);
	cpuhp_remove_state_nocalls(prepare_state);
}
