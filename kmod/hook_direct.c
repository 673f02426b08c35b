// SPDX-License-Identifier: GPL-2.0-only
/*
 * The cheap mechanism, on x86-64. ftrace calls hook_direct_entry.S instead of the function; from
 * there the function is called, and what has to be kept until it returns is in a frame. On the
 * stack the hook leaves one word, the return address into this module, right below the caller's own
 * return address, which stays where it was.
 *
 * So a blocked call holds nothing up: saker_direct_drain() overwrites that word with an address in
 * the kernel where only a return follows, and the function returns to its caller without entering
 * this module. An unwinder sees two plain calls, before and after.
 */
#include <linux/file.h>
#include <linux/hash.h>
#include <linux/irq.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/sched/task_stack.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include "compat/symbol.h"
#include "hook.h"
#include "ring.h"
#include "slot.h"

#ifdef SAKER_HAVE_DIRECT

#ifndef SAKER_TABLE_BITS
#define SAKER_TABLE_BITS 10
#endif
#define TABLE_BITS SAKER_TABLE_BITS
#define TABLE_USED_MAX (1u << (TABLE_BITS - 1))	/* so that a search ends, and ends soon */
#define FRAMES_BITS 13
#define PROBES 32u

/*
 * By address of the body, with open addressing. An entry stays: a function has the same hook as
 * long as the module is loaded.
 */
static struct {
	unsigned long body;
	struct saker_hook *hook;
} table[1 << TABLE_BITS];
static unsigned int table_used;

/* Takes the place of a hook that cannot be detached: its calls pass through and leave nothing. */
static const struct saker_syscall no_call;
static struct saker_hook stuck_hook = { .sys = &no_call };

/*
 * struct frame - one call in flight
 * @task:	the task that is in the call; NULL: free. A task is in one call at a time.
 * @link:	the word on its stack that leads back here
 * @call:	its hook is NULL once that hook has been taken off
 */
struct frame {
	struct task_struct *task;
	unsigned long *link;
	struct saker_call call;
} __aligned(512);		/* a power of two, so that finding one is a shift */

/*
 * Open addressing by task: its own place first, then the next few; cmpxchg decides who gets a free
 * one.
 */
static struct frame *frames;
static void *put_stack;
static unsigned long bare_return;

void saker_direct_entry(void);
void saker_direct_inner(void);
void saker_direct_return(void);
void __fentry__(void);
bool saker_direct_enter(const struct pt_regs *regs, unsigned long body, unsigned long *link);
long saker_direct_leave(long ret);
void saker_direct_see(const unsigned long *args, unsigned long body);

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
	if (hook == &stuck_hook)
		return;
	atomic_inc(&hook->missed_reported);
	saker_out_lost(saker_lane_of(hook->sys), hook->sys->event, 1);
}

/* Is the call of @frame still under way? The current task's frame. */
static noinline bool still_leads_here(const struct frame *frame)
{
	const unsigned long *link = frame->link, *here = (unsigned long *)current_stack_pointer;

	return link > here && (char *)link < (char *)task_stack_page(current) + THREAD_SIZE &&
	       *link == (unsigned long)saker_direct_return;
}

static __always_inline struct frame *take_frame(struct saker_hook *hook)
{
	unsigned int i;

	for (i = 0; i < PROBES; i++) {
		struct frame *frame = frame_of(current, i);
		struct task_struct *task = READ_ONCE(frame->task);

		/*
		 * Ours already: of a call that never returned, as after an oops in a task that had
		 * our address.
		 */
		if (unlikely(task == current)) {
			WARN_ONCE(still_leads_here(frame),
				  "saker: a hooked call inside a hooked call\n");
			return frame;
		}
		/* cmpxchg orders fully; pairs with [frame-free] */
		if (!task && likely(!cmpxchg(&frame->task, NULL, current)))
			return frame;
	}
	lose(hook);
	return NULL;
}

/*
 * Before the function, with the caller's registers; true: saker_direct_leave() will follow. Nothing
 * here sleeps.
 */
__visible notrace bool saker_direct_enter(const struct pt_regs *regs, unsigned long body,
					  unsigned long *link)
{
	struct saker_hook *hook = READ_ONCE(table[place_of(body)].hook);
	struct frame *frame = take_frame(hook);

	if (unlikely(!frame))
		return false;
	frame->link = link;
	saker_call_begin(&frame->call, hook, regs);
	return true;
}

static void let_go(struct saker_call *call)
{
	struct file *file = call->held;

	if (!file)
		return;
	call->held = NULL;
	fput(file);
}

/* Of this call and disown(), one takes the hook away, and that one lets go of the file. */
static noinline void leave_detached(struct saker_call *call, struct saker_hook *hook)
{
	if (hook && cmpxchg(&call->hook, hook, NULL) == hook)
		let_go(call);
}

static __always_inline void write_record(struct saker_call *call, long ret)
{
	struct saker_hook *hook = READ_ONCE(call->hook);

	/*
	 * Detached meanwhile: detaching waits for calls that entered before, and frees their slots.
	 */
	if (unlikely(!hook || READ_ONCE(hook->mechanism) != SAKER_MECH_DIRECT)) {
		leave_detached(call, hook);
		return;
	}
	this_cpu_inc(*hook->hits);
	call->sys->leave(call, ret);
	if (call->slot)
		saker_slot_release(call);
	let_go(call);
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

struct saker_call *saker_direct_call(void)
{
	unsigned int i;

	for (i = 0; i < PROBES; i++) {
		struct frame *frame = frame_of(current, i);

		if (READ_ONCE(frame->task) == current)
			return &frame->call;
	}
	return NULL;
}

/* At the entry of a function inside the kernel, with its arguments. */
__visible notrace void saker_direct_see(const unsigned long *args, unsigned long body)
{
	struct saker_hook *hook = READ_ONCE(table[place_of(body)].hook);

	if (unlikely(READ_ONCE(hook->mechanism) != SAKER_MECH_DIRECT))
		return;
	this_cpu_inc(*hook->hits);
	hook->inner->see(args);
}

static unsigned long entry_of(const struct saker_hook *hook)
{
	return (unsigned long)(hook->inner ? saker_direct_inner : saker_direct_entry);
}

/*
 * The address of ftrace's call in a function, 0 if there is none: a kprobe that is registered for a
 * moment and not armed knows it.
 */
static unsigned long ftrace_site(struct kprobe *kp)
{
	unsigned long ip = 0;

	if (register_kprobe(kp))
		return 0;
	if (kp->flags & KPROBE_FLAG_FTRACE)
		ip = (unsigned long)kp->addr;
	unregister_kprobe(kp);
	return ip;
}

static unsigned long ftrace_site_of(const char *symbol)
{
	struct kprobe kp = { .symbol_name = symbol, .flags = KPROBE_FLAG_DISABLED };

	return ftrace_site(&kp);
}

bool saker_direct_available(void)
{
	return put_stack;
}

/* The place of @body in the table, a new one if it has none; -ENOSPC if the table is full. */
static int take_place(unsigned long body)
{
	unsigned int i = place_of(body);

	if (table[i].body == body)
		return i;
	if (table_used >= TABLE_USED_MAX)
		return -ENOSPC;
	table_used++;
	return i;
}

/* Find the site of @hook and enter it into the table. */
static int prepare(struct saker_hook *hook)
{
	unsigned long body;
	int place;

	if (hook->stuck & BIT(SAKER_MECH_DIRECT))
		return -EBUSY;
	if (!hook->direct.ip)
		hook->direct.ip = ftrace_site_of(hook->symbol);
	if (!hook->direct.ip)
		return -ENOENT;
	body = hook->direct.ip + MCOUNT_INSN_SIZE;
	place = take_place(body);
	if (place < 0)
		return place;
	/* Calls through ftrace see it, because ftrace's call is written later. */
	table[place].hook = hook;
	/* [direct-entry]: the hook is there before the entry can be found */
	smp_store_release(&table[place].body, body);
	atomic_set(&hook->missed_reported, 0);
	return 0;
}

int saker_direct_attach(struct saker_hook *const *hooks, unsigned int n)
{
	struct saker_direct *group[SAKER_DIRECT_GROUP];
	unsigned int i;
	int err;

	if (!put_stack)
		return -EOPNOTSUPP;
	if (n > SAKER_DIRECT_GROUP)
		return -E2BIG;
	for (i = 0; i < n; i++) {
		err = prepare(hooks[i]);
		if (err)
			return err;
		group[i] = &hooks[i]->direct;
	}
	err = saker_direct_register(group, n, entry_of(hooks[0]));
	if (err)
		return err;
	for (i = 0; i < n; i++) {
		group[i]->first = group[0];
		group[i]->next = i + 1 < n ? group[i + 1] : NULL;
	}
	group[0]->left = n;
	return 0;
}

/* These functions still call us, perhaps forever. */
static void stay(struct saker_direct *direct)
{
	for (; direct; direct = direct->next) {
		WRITE_ONCE(table[place_of(direct->ip + MCOUNT_INSN_SIZE)].hook, &stuck_hook);
		container_of(direct, struct saker_hook, direct)->stuck |= BIT(SAKER_MECH_DIRECT);
	}
}

int saker_direct_detach(struct saker_hook *hook)
{
	struct saker_direct *first = hook->direct.first;
	int err;

	if (--first->left)
		return 0;
	err = saker_direct_unregister(first, entry_of(hook));
	if (err)
		stay(first);
	return err;
}

/*
 * Calls that are still under way and whose hooks are detached: their return writes nothing, and may
 * not come back here.
 */
static void disown(void)
{
	unsigned int i;

	for (i = 0; i < 1u << FRAMES_BITS; i++) {
		struct saker_hook *hook = READ_ONCE(frames[i].call.hook);
		struct file *held = READ_ONCE(frames[i].call.held);

		/*
		 * Meanwhile the frame may be another call's, of a hook that is on. If the exchange
		 * succeeds, @held is of the call that had the hook: no call begins with a detached
		 * hook, no inner hook holds a file for one (see_socket.c), and a call that has
		 * returned holds none.
		 */
		if (READ_ONCE(frames[i].task) && hook &&
		    READ_ONCE(hook->mechanism) == SAKER_MECH_NONE &&
		    cmpxchg(&frames[i].call.hook, hook, NULL) == hook && held)
			fput(held);
	}
}

/*
 * The task may return at any moment. Then the word is no longer ours, or has been read for the last
 * time, and the exchange can only touch its place on a stack that cannot go away.
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

		if (READ_ONCE(frame->task) != task || (char *)link < stack ||
		    (char *)link >= stack + THREAD_SIZE)
			continue;
		found |= cmpxchg(link, (unsigned long)saker_direct_return, bare_return) ==
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
 * After the first grace period each task that entered through the detached hooks is in the function
 * or has left. If no hook is left, after the second one no task is on the way out and no stack
 * leads here: the module may be unloaded. The second is needed even if no frame is in use any more:
 * a task that slept in its call during the first may have released its frame and been preempted
 * before the last instruction of this module.
 */
int saker_direct_drain(bool last)
{
	unsigned int i;

	synchronize_rcu_tasks();
	disown();
	if (!last)
		return 0;
	while (unlink_all())
		;	/* a second look, for a thread may have changed its place in the list */
	synchronize_rcu_tasks();
	if (unlink_all())
		return -EBUSY;
	for (i = 0; i < 1u << FRAMES_BITS; i++)
		frames[i].task = NULL;
	return 0;
}

static bool is_return(const u8 *code)
{
	return code[0] == 0xc3 || code[0] == 0xe9;	/* ret, or a jump to a return thunk */
}

/*
 * The address after ftrace's call in a function that does nothing: an unwinder finds there what it
 * expects of a function's caller. If there is none, __fentry__ itself, where unwinding ends.
 */
static unsigned long find_bare_return(void)
{
	/* push, mov, pop of %rbp */
	static const u8 empty_frame[] = { 0x55, 0x48, 0x89, 0xe5, 0x5d };
	struct kprobe kp = { .flags = KPROBE_FLAG_DISABLED };
	u8 code[sizeof(empty_frame) + 1];
	const u8 *at;

	kp.addr = (kprobe_opcode_t *)dummy_irq_chip.irq_ack;
	at = (const u8 *)ftrace_site(&kp);
	if (!at || copy_from_kernel_nofault(code, at + MCOUNT_INSN_SIZE, sizeof(code)))
		return (unsigned long)__fentry__;
	if (is_return(code) ||
	    (!memcmp(code, empty_frame, sizeof(empty_frame)) &&
	     is_return(code + sizeof(empty_frame))))
		return (unsigned long)at + MCOUNT_INSN_SIZE;
	return (unsigned long)__fentry__;
}

int saker_direct_init(void)
{
	put_stack = saker_symbol("put_task_stack");
	bare_return = find_bare_return();
	frames = vzalloc(array_size(1u << FRAMES_BITS, sizeof(*frames)));
	return frames ? 0 : -ENOMEM;
}

void saker_direct_exit(void)
{
	vfree(frames);
	frames = NULL;
}

#endif
