// SPDX-License-Identifier: GPL-2.0-only
/*
 * How producers write into rings. docs/memory-order.md explains the order of every access.
 */
#include <linux/compat.h>
#include <linux/cpu.h>
#include <linux/cred.h>
#include <linux/sched.h>
#include <linux/timekeeping.h>
#include "ring.h"
#include "wait.h"

#define GAP_PARAMS (SAKER_P_gap_last_pid + 1)
#define GAP_BYTES (SAKER_REC_HEAD + GAP_PARAMS * sizeof(u64))
#define TYPE_UNKNOWN 0		/* in lost_by_type: lost before the type was known */

DEFINE_PER_CPU(struct saker_cpu, saker_cpus);

static u32 ignored_tgid __read_mostly;

bool saker_is_ignored(const struct task_struct *task)
{
	return task->tgid == READ_ONCE(ignored_tgid);
}

/* Under cpus_read_lock(), by the device's holder. */
static u64 tuned_urgent[SAKER_EV_MAX / 64];
static u32 tuned_wake_bytes;

static_assert(sizeof(struct saker_rec) == SAKER_REC_HEAD);
static_assert(sizeof(struct saker_ring_head) <= SAKER_RING_HEAD_BYTES);
/* A lane fits into the low bits of a task's address. */
static_assert(SAKER_LANES <= L1_CACHE_BYTES && !(SAKER_LANES & (SAKER_LANES - 1)));

/*
 * The acquire pairs with [ring-tail]: the space found here is written after the consumer has read
 * what was in it. A tail that is impossible makes the ring full at the producer's position.
 */
static u64 ring_full_at(const struct saker_ring *ring)
{
	u64 tail = smp_load_acquire(&ring->tail->tail);

	if (unlikely(ring->pos - tail > ring->data_size))
		return ring->pos;
	return tail + ring->data_size;
}

u64 saker_ring_look(struct saker_ring *ring)
{
	u64 full_at = ring_full_at(ring);

	ring->room_end = full_at - READ_ONCE(ring->headroom);
	return full_at;
}

/*
 * The fast clock, which can be read in any context, goes back a little when the timekeeper corrects
 * its rate.
 */
u64 saker_cpu_now(struct saker_cpu *cpu)
{
	u64 now = ktime_get_boot_fast_ns();

	if (unlikely(now < cpu->now))
		return cpu->now;
	cpu->now = now;
	return now;
}

static struct saker_rec *ring_next(const struct saker_ring *ring)
{
	return (struct saker_rec *)(ring->data + (ring->pos & (ring->data_size - 1)));
}

/* A reader that reads the new head with acquire sees everything before it. */
static void ring_publish(struct saker_ring *ring, u32 len)
{
	ring->pos += len;
	smp_store_release(&ring->head->head, ring->pos);	/* [ring-head] */
}

static void rec_fill(struct saker_rec *rec, u16 type, u16 nparams, u64 ts, u32 seq)
{
	rec->type = type;
	rec->nparams = nparams;
	rec->ts = ts;
	rec->tid = current->pid;
	rec->pid = current->tgid;
	rec->uid = __kuid_val(current_euid());
	rec->seq = seq;
	rec->ret = 0;
	rec->flags = in_compat_syscall() ? SAKER_REC_COMPAT : 0;
	rec->cpu = raw_smp_processor_id();
}

static bool ring_is_urgent(const struct saker_ring *ring, u16 type)
{
	return READ_ONCE(ring->urgent[type / 64]) & BIT_ULL(type % 64);
}

/* Report what was lost if @reserve bytes are left free afterwards. */
static bool ring_emit_gap(struct saker_ring *ring, u64 ts, u64 reserve)
{
	struct saker_rec *rec = ring_next(ring);
	u64 *slots = (u64 *)(rec + 1);
	u64 full_at = ring_full_at(ring);

	lockdep_assert_preemption_disabled();
	if (!ring->gap_lost || full_at - ring->pos < GAP_BYTES + reserve)
		return false;
	rec_fill(rec, SAKER_EV_gap, GAP_PARAMS, ts, ring->gap_first_seq);
	rec->len = GAP_BYTES;
	rec->flags = 0;
	slots[SAKER_P_gap_lost] = ring->gap_lost;
	slots[SAKER_P_gap_first_ts] = ring->gap_first_ts;
	slots[SAKER_P_gap_last_ts] = ring->gap_last_ts;
	slots[SAKER_P_gap_lane] = ring->head->lane;
	slots[SAKER_P_gap_cpu] = ring->head->cpu;
	slots[SAKER_P_gap_first_pid] = ring->gap_first_pid;
	slots[SAKER_P_gap_last_pid] = ring->gap_last_pid;
	ring->gap_lost = 0;
	ring_publish(ring, GAP_BYTES);
	return true;
}

/*
 * A flood loses some in every period of the timer. If each of these gaps took space from what the
 * flood must leave to others, they would fill it.
 */
bool saker_ring_report_gap(struct saker_ring *ring, u64 ts)
{
	u64 left = ring->head->lane == SAKER_LANE_LIFE ? ring->data_size / 2 :
							 READ_ONCE(ring->headroom);

	return ring_emit_gap(ring, ts, left);
}

/*
 * Count the loss in what the consumer sees and in the next gap record; if no other record follows,
 * the timer writes that one.
 */
static noinline void ring_lose(struct saker_cpu *cpu, struct saker_ring *ring, u16 type, u64 n,
			       u64 bytes, u64 ts)
{
	struct saker_ring_head *head = ring->head;

	if (!ring->gap_lost) {
		ring->gap_first_ts = ts;
		ring->gap_first_pid = current->tgid;
		ring->gap_first_seq = head->seen;
	}
	ring->gap_lost += n;
	ring->gap_last_ts = ts;
	ring->gap_last_pid = current->tgid;

	if (!head->lost)
		WRITE_ONCE(head->first_lost_ts, ts);
	WRITE_ONCE(head->last_lost_ts, ts);
	WRITE_ONCE(head->lost_bytes, head->lost_bytes + bytes);
	if (type >= SAKER_EV_MAX)
		type = TYPE_UNKNOWN;
	WRITE_ONCE(head->lost_by_type[type], head->lost_by_type[type] + n);
	WRITE_ONCE(head->lost, head->lost + n);
	WRITE_ONCE(head->seen, head->seen + n);
	/* So that the next record calls out_make_room(), which reports the gap first. */
	ring->room_end = ring->pos;
	if (!cpu->armed)
		saker_wait_arm(cpu);
}

/* The task that writes a record, and the lane of the record; never 0. */
static __always_inline unsigned long busy_with(unsigned int lane)
{
	return (unsigned long)current | lane;
}

static void cpu_busy(struct saker_cpu *cpu, unsigned int lane)
{
	cpu->busy = busy_with(lane);
	barrier();		/* a hook that interrupts us from here on sees it */
}

static void cpu_idle(struct saker_cpu *cpu)
{
	barrier();
	cpu->busy = 0;
}

/*
 * This hook interrupted a record being written, so the ring cannot be used: leave a note for the
 * next record.
 */
static noinline void cpu_nested(struct saker_cpu *cpu, unsigned int lane, u64 n)
{
	unsigned long flags;

	local_irq_save(flags);
	cpu->nested[lane] += n;
	local_irq_restore(flags);
}

void saker_cpu_take_nested(struct saker_cpu *cpu, unsigned int lane, u64 ts)
{
	unsigned long flags;
	unsigned int n;

	local_irq_save(flags);
	n = cpu->nested[lane];
	cpu->nested[lane] = 0;
	local_irq_restore(flags);
	ring_lose(cpu, &cpu->ring[lane], TYPE_UNKNOWN, n, 0, ts);
}

/*
 * A record was begun and never ended: an oops in an extractor ended its task. Preemption was off,
 * so a task that finds another task's record here knows it; so does a task that is exiting, as
 * after an oops. What was written of the record is lost. An interrupt cannot decide this.
 */
static noinline bool cpu_take_over(struct saker_cpu *cpu)
{
	const unsigned long lane = cpu->busy & (SAKER_LANES - 1);

	if (!in_task() || (cpu->busy == busy_with(lane) && !(current->flags & PF_EXITING)))
		return false;
	pr_err_once("saker: a task died while its record was written\n");
	cpu_busy(cpu, lane);
	ring_lose(cpu, &cpu->ring[lane], TYPE_UNKNOWN, 1, 0, saker_cpu_now(cpu));
	return true;
}

/*
 * The slow path, if the known space is too small: returns how many bytes the record may have, 0 if
 * none. While a gap record is pending and does not fit, later records are lost too: records stay in
 * order.
 */
static noinline u32 out_make_room(struct saker_ring *ring, u16 type, u32 fixed, u32 size, u64 ts)
{
	u64 reserve = ring_is_urgent(ring, type) ? 0 : READ_ONCE(ring->headroom), left;

	if (ring->gap_lost && !ring_emit_gap(ring, ts, reserve))
		return 0;
	left = round_down(saker_ring_look(ring) - ring->pos, 8);
	return left < reserve + fixed ? 0 : min_t(u64, left - reserve, size);
}

bool saker_out_begin(struct saker_out *out, unsigned int lane, u16 type, unsigned int nparams,
		     u32 room)
{
	u32 fixed = SAKER_REC_HEAD + nparams * sizeof(u64);
	u32 wanted = min_t(u32, fixed + ALIGN(room, 8), SAKER_REC_MAX), size = wanted;
	struct saker_cpu *cpu;
	struct saker_ring *ring;
	u64 ts;

	preempt_disable_notrace();
	cpu = this_cpu_ptr(&saker_cpus);
	/*
	 * Its births, programs and ends are recorded: the processes that it starts are not ignored.
	 */
	if (unlikely(saker_is_ignored(current)) && lane != SAKER_LANE_LIFE)
		goto refuse;
	if (unlikely(cpu->busy) && !cpu_take_over(cpu)) {
		cpu_nested(cpu, lane, 1);
		goto refuse;
	}
	cpu_busy(cpu, lane);
	ts = saker_cpu_now(cpu);

	ring = &cpu->ring[lane];
	OPTIMIZER_HIDE_VAR(ring);	/* else gcc multiplies again at each use */
	out->cpu = cpu;
	out->ring = ring;
	out->ts = ts;
	if (unlikely(cpu->nested[lane]))
		saker_cpu_take_nested(cpu, lane, ts);
	/* Urgent records go beyond room_end. */
	if (unlikely((s64)(ring->room_end - ring->pos) < (s64)wanted)) {
		size = out_make_room(ring, type, fixed, wanted, ts);
		if (!size) {
			ring_lose(cpu, ring, type, 1, fixed, ts);
			cpu_idle(cpu);
			goto refuse;
		}
	}
	out->tight = size < wanted;
	out->lost = false;
	out->rec = ring_next(ring);
	out->slots = (u64 *)(out->rec + 1);
	out->cur = (u8 *)out->rec + fixed;
	out->end = (u8 *)out->rec + size;
	rec_fill(out->rec, type, nparams, ts, ring->head->seen);
	memset64(out->slots, 0, nparams);
	return true;

refuse:
	preempt_enable_notrace();
	return false;
}

bool saker_out_begin_spare(struct saker_out *out, u16 type, unsigned int nparams, u32 room,
			   unsigned int part)
{
	/* A gap may have to be reported first. */
	const u64 most = GAP_BYTES + SAKER_REC_HEAD + nparams * sizeof(u64) + room;
	const struct saker_ring *ring;
	bool begun = false;

	preempt_disable_notrace();
	ring = &this_cpu_ptr(&saker_cpus)->ring[SAKER_LANE_LIFE];
	if (ring_full_at(ring) - ring->pos >= ring->data_size / part + most)
		begun = saker_out_begin(out, SAKER_LANE_LIFE, type, nparams, room);
	else
		saker_out_lost(SAKER_LANE_LIFE, type, 1);
	preempt_enable_notrace();
	return begun;
}

u32 saker_life_spare(void)
{
	const struct saker_ring *ring = &this_cpu_ptr(&saker_cpus)->ring[SAKER_LANE_LIFE];
	u64 left = ring_full_at(ring) - ring->pos, half = ring->data_size / 2;

	lockdep_assert_preemption_disabled();
	return left > half ? min_t(u64, left - half, SAKER_REC_MAX) : 0;
}

static void out_close(struct saker_cpu *cpu)
{
	cpu_idle(cpu);
	preempt_enable_notrace();
}

static void out_commit(struct saker_cpu *cpu, struct saker_ring *ring, u16 type, u32 len)
{
	struct saker_ring_head *head = ring->head;

	WRITE_ONCE(head->seen, head->seen + 1);
	WRITE_ONCE(head->written, head->written + 1);
	ring_publish(ring, len);
	if (ring_is_urgent(ring, type)) {
		saker_wait_urgent(cpu, ring);
		return;
	}
	if (unlikely(!cpu->armed))
		saker_wait_arm(cpu);
	if (unlikely(ring->pos >= ring->wake_at))
		saker_wait_bytes(cpu, ring);
}

void saker_out_end(struct saker_out *out, s64 ret)
{
	struct saker_rec *rec = out->rec;
	u32 len = out->cur - (u8 *)rec;

	if (unlikely(out->lost)) {
		ring_lose(out->cpu, out->ring, rec->type, 1, len, out->ts);
	} else {
		rec->len = len;
		rec->ret = ret;
		out_commit(out->cpu, out->ring, rec->type, len);
	}
	out_close(out->cpu);
}

void saker_out_cancel(struct saker_out *out)
{
	out_close(out->cpu);
}

void saker_out_lost(unsigned int lane, u16 type, u64 n)
{
	struct saker_cpu *cpu;

	if (!n)
		return;
	preempt_disable_notrace();
	cpu = this_cpu_ptr(&saker_cpus);
	if (unlikely(saker_is_ignored(current)) && lane != SAKER_LANE_LIFE)
		goto out;
	if (unlikely(cpu->busy) && !cpu_take_over(cpu)) {
		cpu_nested(cpu, lane, n);
		goto out;
	}
	cpu_busy(cpu, lane);
	ring_lose(cpu, &cpu->ring[lane], type, n, 0, saker_cpu_now(cpu));
	cpu_idle(cpu);
out:
	preempt_enable_notrace();
}

bool saker_ring_is_due(const struct saker_ring *ring)
{
	u64 head = smp_load_acquire(&ring->head->head);		/* pairs with [ring-head] */
	u64 tail = READ_ONCE(ring->tail->tail);

	return (s64)(READ_ONCE(ring->due) - tail) > 0 ||
	       (s64)(head - tail) >= (s64)READ_ONCE(ring->wake_bytes);
}

const u16 saker_changes[SAKER_CHANGES] = {
	SAKER_EV_setuid, SAKER_EV_setgid, SAKER_EV_setreuid, SAKER_EV_setregid,
	SAKER_EV_setresuid, SAKER_EV_setresgid, SAKER_EV_capset, SAKER_EV_setns, SAKER_EV_unshare,
	SAKER_EV_chdir, SAKER_EV_fchdir, SAKER_EV_setsid, SAKER_EV_setpgid,
};

void saker_ring_tune(struct saker_ring *ring, unsigned int lane)
{
	u64 urgent[SAKER_EV_MAX / 64] = {};
	unsigned int i;
	bool any;

	if (lane == SAKER_LANE_LIFE) {
		memset(urgent, 0xff, sizeof(urgent));
		/*
		 * Any program can make these calls as often as it likes, and an event that depends
		 * on them wakes the consumer itself.
		 */
		for (i = 0; i < SAKER_CHANGES; i++)
			urgent[saker_changes[i] / 64] &= ~BIT_ULL(saker_changes[i] % 64);
	} else {
		WRITE_ONCE(ring->wake_bytes, tuned_wake_bytes ?: ring->data_size / 4);
		any = memchr_inv(tuned_urgent, 0, sizeof(tuned_urgent));
		WRITE_ONCE(ring->headroom, any ? ring->data_size / 8 : 0);
	}
	for (i = 0; i < SAKER_EV_MAX / 64; i++)
		WRITE_ONCE(ring->urgent[i], urgent[i] | tuned_urgent[i]);
	WRITE_ONCE(ring->wake_at, 0);	/* the next record looks again */
}

void saker_rings_tune(const u64 *urgent, u32 wake_bytes, u32 ignore_tgid)
{
	unsigned int lane;
	int cpu;

	WRITE_ONCE(ignored_tgid, ignore_tgid);
	cpus_read_lock();
	memcpy(tuned_urgent, urgent, sizeof(tuned_urgent));
	tuned_wake_bytes = wake_bytes;
	for_each_possible_cpu(cpu)
		for (lane = 0; saker_cpu_ready(cpu) && lane < SAKER_LANES; lane++)
			saker_ring_tune(&per_cpu(saker_cpus, cpu).ring[lane], lane);
	cpus_read_unlock();
}

void saker_rings_untune(void)
{
	memset(tuned_urgent, 0, sizeof(tuned_urgent));
	tuned_wake_bytes = 0;
}
