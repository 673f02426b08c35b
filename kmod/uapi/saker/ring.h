/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * A ring: one per CPU and lane, one producer (that CPU), one consumer. CPUs that are online at
 * SETUP have rings, and each that is brought up later, before it runs.
 *
 * mmap of the device, offset = saker_mmap_offset(cpu, lane, part):
 *   SAKER_PART_RING  the head (struct saker_ring_head), then at saker_ring_data(page size) the data
 *                    twice in a row, so that a record that wraps is in one piece;
 *                    saker_ring_data + 2 * data_size bytes, PROT_READ only
 *   SAKER_PART_TAIL  one page (struct saker_ring_tail), PROT_READ | PROT_WRITE
 *
 * head and tail count bytes since the ring was made and never wrap in practice; data[head %
 * data_size] is next. data_size is a power of two and a multiple of the page size. The consumer
 * reads head with acquire, which pairs with [ring-head], and writes tail with release, [ring-tail].
 * If the tail is not tail <= head <= tail + data_size, the module treats the ring as full and
 * counts what it cannot write.
 */
#ifndef SAKER_UAPI_RING_H
#define SAKER_UAPI_RING_H

#include <linux/types.h>
#include <saker/layout.h>
#include <saker/event.h>

#define SAKER_LANE_LIFE 0
#define SAKER_LANE_EVENT 1
#define SAKER_LANES 2

#define SAKER_PART_RING 0
#define SAKER_PART_TAIL 1

#define SAKER_MMAP_SHIFT 32
#define saker_mmap_offset(cpu, lane, part) \
	(((((__u64)(cpu)) * SAKER_LANES + (lane)) * 2 + (part)) << SAKER_MMAP_SHIFT)

#define SAKER_RING_HEAD_BYTES 8192
#define saker_ring_data(page) ((page) > SAKER_RING_HEAD_BYTES ? (page) : SAKER_RING_HEAD_BYTES)

/*
 * struct saker_ring_head - written by the module only
 * seen = written + lost at any time when the CPU is not inside a record.
 */
struct saker_ring_head {
	__u32 size;			/* of this structure */
	__u32 cpu;
	__u32 lane;
	/* How many CPUs have rings: the same in all heads; it grows when a CPU is brought up.
	   Read it with acquire, which pairs with [ring-count]. */
	__u32 cpus;
	__u64 data_size;
	__u64 reserved1[5];
	__u64 head;			/* own cache line */
	__u64 seen;			/* records that should have been written */
	__u64 written;			/* without gap records */
	__u64 lost;
	__u64 lost_bytes;
	__u64 first_lost_ts;		/* ever; CLOCK_BOOTTIME ns */
	__u64 last_lost_ts;
	__u64 reserved2;
	__u64 lost_by_type[SAKER_EV_MAX];	/* by SAKER_EV_* */
};
SAKER_SIZE(saker_ring_head, 4224);
SAKER_AT(saker_ring_head, size, 0);
SAKER_AT(saker_ring_head, cpu, 4);
SAKER_AT(saker_ring_head, lane, 8);
SAKER_AT(saker_ring_head, cpus, 12);
SAKER_AT(saker_ring_head, data_size, 16);
SAKER_AT(saker_ring_head, reserved1, 24);
SAKER_AT(saker_ring_head, head, 64);
SAKER_AT(saker_ring_head, seen, 72);
SAKER_AT(saker_ring_head, written, 80);
SAKER_AT(saker_ring_head, lost, 88);
SAKER_AT(saker_ring_head, lost_bytes, 96);
SAKER_AT(saker_ring_head, first_lost_ts, 104);
SAKER_AT(saker_ring_head, last_lost_ts, 112);
SAKER_AT(saker_ring_head, reserved2, 120);
SAKER_AT(saker_ring_head, lost_by_type, 128);

struct saker_ring_tail {
	__u64 tail;
	__u64 reserved[7];
};
SAKER_SIZE(saker_ring_tail, 64);
SAKER_AT(saker_ring_tail, tail, 0);
SAKER_AT(saker_ring_tail, reserved, 8);

#endif
