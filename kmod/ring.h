/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The rings and how a record gets into one.
 *
 * A hook writes a record between saker_out_begin() and saker_out_end(), in task context, with
 * preemption off from the one to the other: the ring belongs to the CPU, so there is no lock and no
 * atomic operation. What the hook writes goes straight into the ring; nothing is visible to the
 * consumer before saker_out_end().
 *
 *	struct saker_out out;
 *
 *	if (!saker_out_begin(&out, SAKER_LANE_EVENT, SAKER_EV_openat,
 *			     SAKER_P_open_fileflags + 1, 3 * PATH_MAX))
 *		return;
 *	saker_out_u64(&out, SAKER_P_open_fd, fd);
 *	saker_out_blob(&out, SAKER_P_open_name, name, strlen(name), 0);
 *	saker_out_end(&out, ret);
 *
 * A record is written whole or counted as lost: a value that does not fit because the ring is
 * nearly full makes saker_out_end() count the record instead of committing it, and the hook need
 * not notice. A value that does not fit into the space that the hook asked for is cut and flagged
 * SAKER_BLOB_TRUNCATED.
 */
#ifndef SAKER_RING_H
#define SAKER_RING_H

#include <linux/cache.h>
#include <linux/hrtimer.h>
#include <linux/irq_work.h>
#include <linux/kernel.h>
#include <linux/mm_types.h>
#include <linux/percpu.h>
#include <linux/string.h>
#include <linux/types.h>
#include <saker/event.h>
#include <saker/ring.h>

/*
 * struct saker_ring - one CPU's ring of one lane, as its producer knows it
 * @head:	first of what the consumer maps for reading
 * @tail:	the page that the consumer may write: nothing in it is trusted
 * @data:	mapped twice in a row
 * @pos:	the producer's own copy of head->head
 * @room_end:	by the tail read last, the ring is full at this position for a record that is not
 *		urgent; @pos while a gap has to be reported
 * @headroom:	lane EVENT: this many bytes are for urgent records alone, 0 if there are none
 * @wake_at:	from this position on, check whether enough waits for a wake-up
 * @due:	records before this position are ready for draining; written by this CPU, read by
 *		waiters
 * @urgent:	types whose records wake the consumer at once
 * @gap_*:	lost records that no gap record has reported yet
 */
struct saker_ring {
	struct saker_ring_head *head;
	struct saker_ring_tail *tail;
	u8 *data;
	u64 data_size;
	u64 pos;
	u64 room_end;
	u64 headroom;
	u64 wake_at;
	u64 due;
	u64 wake_bytes;
	u64 urgent[SAKER_EV_MAX / 64];

	u64 gap_lost;
	u64 gap_first_ts;
	u64 gap_last_ts;
	u32 gap_first_seq;
	u32 gap_first_pid;
	u32 gap_last_pid;

	struct page **pages;
	unsigned int npages;
};

/*
 * struct saker_cpu - all that one CPU's producer touches
 * @ready:	the rings exist
 * @busy:	not 0: a record is being written: the lane is in the lowest bits, the task in the
 *		others; a hook that interrupts it cannot write another
 * @armed:	the timer runs, or is about to: every record written from now on will be due when it
 *		fires
 * @arm:	asks the irq_work to start the timer
 * @waiting:	commands that wait for this CPU
 * @waiter:	the descriptor that waits for it, or NULL; its readers are RCU readers
 * @nested:	records that could not be written because of @busy, not counted in a ring yet
 * @now:	the time of the last record; no later record has an earlier time
 * @scratch:	for the record being written
 */
struct saker_cpu {
	struct saker_ring ring[SAKER_LANES];
	bool ready;
	unsigned long busy;
	bool armed;
	bool arm;
	unsigned int waiting;
	struct saker_waiter_file *waiter;
	unsigned int nested[SAKER_LANES];
	u64 now;
	char *scratch;
	struct irq_work kick;
	struct hrtimer timer;
} ____cacheline_aligned;

DECLARE_PER_CPU(struct saker_cpu, saker_cpus);

/*
 * struct saker_out - a record being written; on the hook's stack
 * @rec:	its head, in the ring
 * @slots:	its slots, all 0 at first
 * @cur:	where the next blob goes, a multiple of 8 from @rec
 * @end:	a multiple of 8; nothing may be written from here on
 * @tight:	@end is where the ring is full, rather than where the room asked for ends
 * @lost:	something did not fit for that reason
 */
struct saker_out {
	struct saker_rec *rec;
	u64 *slots;
	u8 *cur;
	u8 *end;
	struct saker_cpu *cpu;
	struct saker_ring *ring;
	u64 ts;
	bool tight;
	bool lost;
};

/*
 * Start a record with @nparams slots and at most @room bytes of blobs (each rounded up to 8).
 * False: nothing is to be written (a loss is counted) and preemption is as it was. True: end or
 * cancel it soon.
 */
bool __must_check saker_out_begin(struct saker_out *out, unsigned int lane, u16 type,
				  unsigned int nparams, u32 room);

/* The calls that change a process: its credentials, namespaces, directory, group or session. */
#define SAKER_CHANGES 13
extern const u16 saker_changes[SAKER_CHANGES];

/*
 * The same in lane LIFE, for records that leave the last 1/@part of the ring, at least a quarter,
 * to others: refused, and counted, when only that is left.
 */
bool __must_check saker_out_begin_spare(struct saker_out *out, u16 type, unsigned int nparams,
					u32 room, unsigned int part);

/*
 * How many bytes of this CPU's lane LIFE are free beyond its half, at most SAKER_REC_MAX: space for
 * values of any length, which may take nothing from later births, programs and ends. Preemption is
 * off.
 */
u32 saker_life_spare(void);

/*
 * Commit the record; @ret is what the system call returned. Preemption is as before
 * saker_out_begin().
 */
void saker_out_end(struct saker_out *out, s64 ret);

/* Drop the record: it was not worth writing. It is not counted. */
void saker_out_cancel(struct saker_out *out);

/* Count @n records of @type that a hook could not even begin, on this CPU. Any context but NMI. */
void saker_out_lost(unsigned int lane, u16 type, u64 n);

/* A buffer of SAKER_SCRATCH bytes for d_path() and the like, valid until the record ends. */
#define SAKER_SCRATCH PAGE_SIZE

static inline char *saker_out_scratch(struct saker_out *out)
{
	return out->cpu->scratch;
}

/* A number, a descriptor, a user: anything that is the slot itself. */
static inline void saker_out_u64(struct saker_out *out, unsigned int slot, u64 value)
{
	out->slots[slot] = value;
}

/* No value, and why: SAKER_BLOB_ABSENT or SAKER_BLOB_UNREADABLE. */
static inline void saker_out_absent(struct saker_out *out, unsigned int slot, u16 flags)
{
	*(struct saker_blob *)&out->slots[slot] = (struct saker_blob){ .flags = flags };
}

/* How many bytes the next blob may have. */
static inline u32 saker_out_avail(const struct saker_out *out)
{
	return min_t(size_t, out->end - out->cur, U16_MAX);
}

/*
 * Write in place: up to @max bytes may be written at the result, then saker_out_commit() says how
 * many. NULL if there is no space for @max: if the ring is why, the record will be counted as lost;
 * else try with saker_out_avail() and flag what was cut. Only one claim at a time.
 */
static inline u8 *saker_out_claim(struct saker_out *out, u32 max)
{
	if (likely(max <= saker_out_avail(out)))
		return out->cur;
	out->lost |= out->tight;
	return NULL;
}

/* The slot's value is the next @len bytes, padded with 0 to a multiple of 8. */
static inline void saker_out_take(struct saker_out *out, unsigned int slot, u32 len, u16 flags)
{
	*(struct saker_blob *)&out->slots[slot] = (struct saker_blob){
		.off = out->cur - (u8 *)out->rec,
		.len = len,
		.flags = flags,
	};
	out->cur += ALIGN(len, 8);
}

/*
 * Give the slot the first @len bytes of what was claimed. Bytes up to the next multiple of 8 are
 * zeroed.
 */
static inline void saker_out_commit(struct saker_out *out, unsigned int slot, u32 len, u16 flags)
{
	memset(out->cur + len, 0, ALIGN(len, 8) - len);
	saker_out_take(out, slot, len, flags);
}

/* Copy @len bytes of kernel memory, or as many as there is space for. */
static inline void saker_out_blob(struct saker_out *out, unsigned int slot, const void *src,
				  u32 len, u16 flags)
{
	u32 avail = saker_out_avail(out);

	if (unlikely(len > avail)) {
		out->lost |= out->tight;
		len = avail;
		flags |= SAKER_BLOB_TRUNCATED;
	}
	if (len)
		*(u64 *)(out->cur + ALIGN(len, 8) - 8) = 0;
	memcpy(out->cur, src, len);
	saker_out_take(out, slot, len, flags);
}

/* The rest is the consumer's side, for chardev.c and wait.c. */

/*
 * Make the rings of all CPUs that are online; -ENOMEM, or -EINTR if the task is killed meanwhile.
 * Sizes are powers of two and multiples of the page size.
 */
int saker_rings_alloc(const u64 data_size[SAKER_LANES]);

/*
 * @cpu is about to be brought up, with cpus_write_lock() held: if there are rings, it gets its own.
 */
int saker_rings_grow(unsigned int cpu);

/* Free them. No hook is attached, no timer runs and nothing is mapped any more. */
void saker_rings_free(void);

/*
 * What the consumer asked for. Hooks may be running: a record may still follow what was asked
 * before.
 */
void saker_rings_tune(const u64 *urgent, u32 wake_bytes, u32 ignore_tgid);

/* Give a new ring what the consumer asked for; forget it. Under cpus_read_lock(). */
void saker_ring_tune(struct saker_ring *ring, unsigned int lane);
void saker_rings_untune(void);

/* Is it a thread of the process whose events are not recorded? */
bool saker_is_ignored(const struct task_struct *task);

/* Does this possible CPU have rings? They exist until saker_rings_free(). */
static inline bool saker_cpu_ready(unsigned int cpu)
{
	return smp_load_acquire(&per_cpu(saker_cpus, cpu).ready);	/* pairs with [ring-made] */
}

/*
 * Write the record of what was lost, if something was and there is space outside the reserve for
 * births, programs and ends, or for urgent records. On the ring's CPU, preemption off.
 */
bool saker_ring_report_gap(struct saker_ring *ring, u64 ts);

/*
 * Count in the ring what hooks inside hooks could not write. On the ring's CPU, preemption off,
 * @cpu->busy held or 0.
 */
void saker_cpu_take_nested(struct saker_cpu *cpu, unsigned int lane, u64 ts);

/* Is the ring ready for draining? From any CPU. */
bool saker_ring_is_due(const struct saker_ring *ring);

/*
 * The time of a record on this CPU, in ns since boot, never before the last one's. @cpu->busy is
 * held or 0.
 */
u64 saker_cpu_now(struct saker_cpu *cpu);

/* Read the consumer's tail, on the ring's CPU. The result is the position where it is full. */
u64 saker_ring_look(struct saker_ring *ring);

#endif
