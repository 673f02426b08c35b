// SPDX-License-Identifier: GPL-2.0-only
/*
 * The cheap way, on x86-64. ftrace calls hook_direct_entry.S instead of the function; from there the function is called,
 * and what is to be remembered until it returns is kept in a frame. On the stack the hook leaves one word, the return
 * address into this module, right below the caller's own return address, which stays where it was.
 *
 * So a call that is blocked holds nobody up: saker_direct_drain() writes over that one word the address of a bare return
 * instruction of the kernel, and the function returns to its caller without passing here. An unwinder sees two plain
 * calls, before and after.
 */
#include <linux/hash.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/sched/task_stack.h>
#include <linux/vmalloc.h>
#include "compat/symbol.h"
#include "extract/extract.h"
#include "extract/slot.h"
#include "hook.h"

#ifdef SAKER_HAVE_DIRECT

#define TABLE_BITS 7
#define FRAMES_BITS 13
#define PROBES 32u

/* By address of the body, open addressing; an entry stays: a function has the same hook as long as the module is loaded. */
static struct {
	unsigned long body;
	struct saker_hook *hook;
} table[1 << TABLE_BITS];

/*
 * struct frame - one call in flight
 * @task:	in whose call; NULL: free. A task is in one call at a time.
 * @link:	the word on its stack that leads back here
 * @call:	its hook is NULL once that hook has been taken off
 */
struct frame {
	struct task_struct *task;
	unsigned long *link;
	struct saker_call call;
} ____cacheline_aligned;

/* Open-addressed by task: its own place first, then the next few; cmpxchg settles who gets a free one. */
static struct frame *frames;
static void *put_stack;

void saker_direct_entry(void);
void saker_direct_return(void);
void __fentry__(void);
bool saker_direct_enter(const struct pt_regs *regs, unsigned long body, unsigned long *link);
long saker_direct_leave(long ret);

/* Pairs with [direct-entry]; x86, which alone has direct calls here, keeps loads in order. */
static unsigned int place_of(unsigned long body)
{
	unsigned int i = hash_long(body, TABLE_BITS);

	while (READ_ONCE(table[i].body) != body && READ_ONCE(table[i].body))
		i = (i + 1) % ARRAY_SIZE(table);
	return i;
}

static __always_inline struct frame *frame_of(const struct task_struct *task, unsigned int probe)
{
	return &frames[(hash_ptr(task, FRAMES_BITS) + probe) % (1u << FRAMES_BITS)];
}

static noinline void lose(struct saker_hook *hook)
{
	atomic_inc(&hook->missed_told);
	saker_out_lost(saker_lane_of(hook->sys->event), hook->sys->event, 1);
}

static __always_inline struct frame *take_frame(struct saker_hook *hook)
{
	unsigned int i;

	for (i = 0; i < PROBES; i++) {
		struct frame *frame = frame_of(current, i);
		struct task_struct *task = READ_ONCE(frame->task);

		/* Ours already: of a call that never returned, as after an oops in a task whose place we have now. */
		if (unlikely(task == current))
			return frame;
		/* cmpxchg orders fully; pairs with [frame-free] */
		if (!task && likely(!cmpxchg(&frame->task, NULL, current)))
			return frame;
	}
	lose(hook);
	return NULL;
}

/* Before the function, with the caller's registers; true: saker_direct_leave() is to follow it. Nothing here sleeps. */
__visible notrace bool saker_direct_enter(const struct pt_regs *regs, unsigned long body, unsigned long *link)
{
	struct saker_hook *hook = table[place_of(body)].hook;
	struct frame *frame = take_frame(hook);

	if (unlikely(!frame))
		return false;
	frame->link = link;
	frame->call.hook = hook;
	frame->call.regs = regs;
	frame->call.slot = NULL;
	if (hook->sys->enter)
		hook->sys->enter(&frame->call);
	return true;
}

static __always_inline void write_record(struct saker_call *call, long ret)
{
	struct saker_hook *hook = READ_ONCE(call->hook);

	/* Taken off meanwhile: detaching waits for those that came before, and gives back their slots. */
	if (unlikely(!hook || READ_ONCE(hook->mechanism) != SAKER_MECH_DIRECT))
		return;
	this_cpu_inc(*hook->hits);
	hook->sys->leave(call, ret);
	if (call->slot)
		saker_slot_release(call);
}

/* After the function: returns to its caller what it returned. */
__visible notrace long saker_direct_leave(long ret)
{
	unsigned int i;

	for (i = 0; i < PROBES; i++) {
		struct frame *frame = frame_of(current, i);

		if (READ_ONCE(frame->task) != current)
			continue;
		write_record(&frame->call, ret);
		/* [frame-free]: its contents are no longer looked at */
		smp_store_release(&frame->task, NULL);
		break;
	}
	return ret;
}

/* Where ftrace's call in the function is: a kprobe, registered for a moment and not armed, knows. 0 if there is none. */
static unsigned long ftrace_site(const char *symbol)
{
	struct kprobe kp = { .symbol_name = symbol, .flags = KPROBE_FLAG_DISABLED };
	unsigned long ip = 0;

	if (register_kprobe(&kp))
		return 0;
	if (kp.flags & KPROBE_FLAG_FTRACE)
		ip = (unsigned long)kp.addr;
	unregister_kprobe(&kp);
	return ip;
}

int saker_direct_attach(struct saker_hook *hook)
{
	unsigned int i;

	if (!put_stack)
		return -EOPNOTSUPP;
	if (!hook->direct.ip)
		hook->direct.ip = ftrace_site(hook->symbol);
	if (!hook->direct.ip)
		return -ENOENT;
	i = place_of(hook->direct.ip + MCOUNT_INSN_SIZE);
	/* Seen by whoever comes through ftrace's call, for the call is written later. */
	table[i].hook = hook;
	/* [direct-entry]: the hook is there before the entry can be found */
	smp_store_release(&table[i].body, hook->direct.ip + MCOUNT_INSN_SIZE);
	atomic_set(&hook->missed_told, 0);
	return saker_direct_register(&hook->direct, (unsigned long)saker_direct_entry);
}

void saker_direct_detach(struct saker_hook *hook)
{
	int err = saker_direct_unregister(&hook->direct, (unsigned long)saker_direct_entry);

	WARN(err, "saker: %s cannot be detached: %d\n", hook->symbol, err);
}

/* Calls that are still under way and whose hooks are off: their return means nothing any more. True if any is left. */
static bool disown(void)
{
	bool used = false;
	unsigned int i;

	for (i = 0; i < 1u << FRAMES_BITS; i++) {
		struct saker_hook *hook = READ_ONCE(frames[i].call.hook);

		if (!READ_ONCE(frames[i].task))
			continue;
		used = true;
		/* Meanwhile the frame may be another call's, of a hook that is on. */
		if (hook && READ_ONCE(hook->mechanism) == SAKER_MECH_NONE)
			cmpxchg(&frames[i].call.hook, hook, NULL);
	}
	return used;
}

/*
 * The task may come back at any moment: then the word is no longer ours, or read for the last time, and its place on a
 * stack that cannot go away is all that the exchange can meet.
 */
static bool unlink_task(struct task_struct *task)
{
	char *stack = try_get_task_stack(task);
	bool found = false;
	unsigned int i;

	if (!stack)
		return false;
	for (i = 0; i < PROBES; i++) {
		const struct frame *frame = frame_of(task, i);
		unsigned long *link = READ_ONCE(frame->link);

		if (READ_ONCE(frame->task) != task || (char *)link < stack || (char *)link >= stack + THREAD_SIZE)
			continue;
		found |= cmpxchg(link, (unsigned long)saker_direct_return, (unsigned long)__fentry__) ==
			 (unsigned long)saker_direct_return;
	}
	saker_call_hidden(task, NULL, 0, put_stack);
	return found;
}

static bool unlink_all(void)
{
	struct task_struct *leader, *task;
	bool found = false;

	rcu_read_lock();
	for_each_process_thread(leader, task)
		found |= unlink_task(task);
	rcu_read_unlock();
	return found;
}

/*
 * By the first grace period who came in through the hooks taken off is in the function or has left; if no hook is left,
 * by the second nobody is on the way back, and no stack leads here: the module may go.
 */
void saker_direct_drain(bool last)
{
	unsigned int i;

	synchronize_rcu_tasks();
	if (!disown() || !last)
		return;
	while (unlink_all())
		;	/* a second look, for a thread may have changed its place in the list */
	synchronize_rcu_tasks();
	for (i = 0; i < 1u << FRAMES_BITS; i++)
		frames[i].task = NULL;
}

int saker_direct_init(void)
{
	put_stack = saker_symbol("put_task_stack");
	frames = vzalloc(array_size(1u << FRAMES_BITS, sizeof(*frames)));
	return frames ? 0 : -ENOMEM;
}

void saker_direct_exit(void)
{
	vfree(frames);
	frames = NULL;
}

#endif
