// SPDX-License-Identifier: GPL-2.0-only
/* The memory of rings: made for each CPU that is online, and for each that comes up later. */
#include <linux/cpu.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/topology.h>
#include <linux/vmalloc.h>
#include "ring.h"

/* Under cpus_read_lock(), by the device's holder. */
static u64 ring_size[SAKER_LANES];		/* 0: there are no rings */

static void ring_free(struct saker_ring *ring)
{
	unsigned int i;

	vunmap(ring->head);
	for (i = 0; i < ring->npages; i++)
		__free_page(ring->pages[i]);
	kvfree(ring->pages);
	free_page((unsigned long)ring->tail);
	memset(ring, 0, sizeof(*ring));
}

/* The head, the pages of the data, and these a second time: BPF's ring buffer does the same. */
static int ring_map(struct saker_ring *ring, int node)
{
	unsigned int nhead = saker_ring_data(PAGE_SIZE) >> PAGE_SHIFT;
	unsigned int ndata = ring->data_size >> PAGE_SHIFT, i;

	ring->pages = kvmalloc_array(nhead + 2 * ndata, sizeof(*ring->pages), GFP_KERNEL_ACCOUNT);
	if (!ring->pages)
		return -ENOMEM;
	for (i = 0; i < nhead + ndata; i++) {
		if (fatal_signal_pending(current))
			return -EINTR;
		ring->pages[i] = alloc_pages_node(node, SAKER_GFP_MAPPED | __GFP_ZERO |
						  __GFP_NOWARN | __GFP_RETRY_MAYFAIL, 0);
		if (!ring->pages[i])
			return -ENOMEM;
		ring->npages++;
		if (i >= nhead)
			ring->pages[ndata + i] = ring->pages[i];
		cond_resched();
	}
	ring->head = vmap(ring->pages, nhead + 2 * ndata, VM_MAP | VM_USERMAP, PAGE_KERNEL);
	return ring->head ? 0 : -ENOMEM;
}

static int ring_alloc(struct saker_ring *ring, unsigned int cpu, unsigned int lane)
{
	int err;

	ring->data_size = ring_size[lane];
	ring->tail = (void *)get_zeroed_page(SAKER_GFP_MAPPED);
	if (!ring->tail)
		return -ENOMEM;
	err = ring_map(ring, cpu_to_node(cpu));
	if (err)
		return err;
	ring->data = (u8 *)ring->head + saker_ring_data(PAGE_SIZE);
	ring->room_end = ring->data_size;
	ring->wake_bytes = ring->data_size / 4;
	saker_ring_tune(ring, lane);
	ring->wake_at = ring->wake_bytes;
	ring->head->size = sizeof(*ring->head);
	ring->head->cpu = cpu;
	ring->head->lane = lane;
	ring->head->data_size = ring->data_size;
	return 0;
}

static void cpu_free(struct saker_cpu *c)
{
	unsigned int lane;

	c->ready = false;
	for (lane = 0; lane < SAKER_LANES; lane++)
		ring_free(&c->ring[lane]);
	kfree(c->scratch);
	c->scratch = NULL;
}

static int cpu_alloc(unsigned int cpu)
{
	struct saker_cpu *c = &per_cpu(saker_cpus, cpu);
	unsigned int lane;
	int err = -ENOMEM;

	c->scratch = kmalloc_node(SAKER_SCRATCH, GFP_KERNEL_ACCOUNT, cpu_to_node(cpu));
	c->busy = 0;
	memset(c->nested, 0, sizeof(c->nested));
	if (c->scratch)
		err = 0;
	for (lane = 0; !err && lane < SAKER_LANES; lane++)
		err = ring_alloc(&c->ring[lane], cpu, lane);
	if (err)
		cpu_free(c);
	else
		smp_store_release(&c->ready, true);	/* [ring-made]: the rings can be used */
	return err;
}

/* The consumer compares the count with the rings that it knows, and looks for more. */
static void publish_count(void)
{
	unsigned int lane, n = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		n += saker_cpu_ready(cpu);
	for_each_possible_cpu(cpu)
		for (lane = 0; saker_cpu_ready(cpu) && lane < SAKER_LANES; lane++)
			/* [ring-count]: the new rings can be mapped, and are still empty. */
			smp_store_release(&per_cpu(saker_cpus, cpu).ring[lane].head->cpus, n);
}

/* cpus_read_lock() is held. */
static void rings_free(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		cpu_free(&per_cpu(saker_cpus, cpu));
	memset(ring_size, 0, sizeof(ring_size));
	saker_rings_untune();
}

int saker_rings_alloc(const u64 data_size[SAKER_LANES])
{
	int cpu, err = 0;

	cpus_read_lock();
	memcpy(ring_size, data_size, sizeof(ring_size));
	for_each_online_cpu(cpu) {
		err = cpu_alloc(cpu);
		if (err)
			break;
	}
	if (err)
		rings_free();
	else
		publish_count();
	cpus_read_unlock();
	return err;
}

int saker_rings_grow(unsigned int cpu)
{
	int err;

	if (!ring_size[SAKER_LANE_LIFE] || saker_cpu_ready(cpu))
		return 0;
	err = cpu_alloc(cpu);
	if (err)
		pr_err("saker: no memory for the rings of CPU %u, which so stays offline\n", cpu);
	else
		publish_count();
	return err;
}

void saker_rings_free(void)
{
	cpus_read_lock();
	rings_free();
	cpus_read_unlock();
}
