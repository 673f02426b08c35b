// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/*
 * Faults for the tests of the module, in a kernel that is made without fault injection. They are
 * chosen by parameters, which can be changed while it is loaded (/sys/module/faults/parameters):
 *
 * error_in:	a kernel function that returns -ENODEV at once, for the next @errors calls
 * die_in:	a function of the kernel; the next task of process @die_pid that enters it with
 *		preemption off ends, as after an oops
 * guard:	watch the places where the kernel says "this may sleep": a task that reaches one
 *		with preemption or interrupts off is a WARNING. Needs preempt=voluntary, under which
 *		each of them is a function call.
 */
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/sched.h>

static char *error_in = "";
module_param(error_in, charp, 0444);
static int errors;
module_param(errors, int, 0644);
static char *die_in = "";
module_param(die_in, charp, 0444);
static int die_pid;
module_param(die_pid, int, 0644);
static bool guard;
module_param(guard, bool, 0444);
static unsigned long guarded;
module_param(guarded, ulong, 0444);	/* how often the guard checked */

static void (*end_task)(int sig);

noinline notrace void return_at_once(void)
{
	barrier();
}

/* Where the function was to begin; its caller's address is on the stack, and stays there. */
static void die_here(void)
{
	end_task(SIGKILL);
}

static int on_error(struct kprobe *kp, struct pt_regs *regs)
{
	if (READ_ONCE(errors) <= 0)
		return 0;
	WRITE_ONCE(errors, errors - 1);
	regs->ax = -ENODEV;
	regs->ip = (unsigned long)return_at_once;
	return 1;
}

/*
 * With a second handler the probe is not optimized into a jump, which would ignore what on_error()
 * returns.
 */
static void after_error(struct kprobe *kp, struct pt_regs *regs, unsigned long flags)
{
}

/* What the probe itself adds to the count of a task with preemption on. */
static int own_count;

static int on_die(struct kprobe *kp, struct pt_regs *regs)
{
	if (current->tgid != READ_ONCE(die_pid) || preempt_count() <= own_count)
		return 0;
	WRITE_ONCE(die_pid, 0);
	regs->ip = (unsigned long)die_here;
	return 1;
}

static int on_may_sleep(struct kprobe *kp, struct pt_regs *regs)
{
	guarded++;
	WARN_ONCE(preempt_count() > own_count || !(regs->flags & X86_EFLAGS_IF),
		  "sleeping function called in atomic context\n");
	return 0;
}

static int on_measure(struct kprobe *kp, struct pt_regs *regs)
{
	own_count = preempt_count();
	return 0;
}

noinline void faults_measure(void)
{
	barrier();
}

static struct kprobe measure = { .symbol_name = "faults_measure", .pre_handler = on_measure };
static struct kprobe error = { .pre_handler = on_error, .post_handler = after_error };
static struct kprobe die = { .pre_handler = on_die };
static struct kprobe may_sleep = { .symbol_name = "__cond_resched", .pre_handler = on_may_sleep };

static int find_end_task(void)
{
	struct kprobe kp = { .symbol_name = "make_task_dead" };
	int err = register_kprobe(&kp);

	if (err)
		return err;
	end_task = (void *)kp.addr;
	unregister_kprobe(&kp);
	return 0;
}

static int set(struct kprobe *kp, const char *symbol)
{
	if (!*symbol)
		return 0;
	kp->symbol_name = symbol;
	return register_kprobe(kp);
}

static void unset(struct kprobe *kp)
{
	if (kp->addr)
		unregister_kprobe(kp);
}

static int __init faults_init(void)
{
	int err = register_kprobe(&measure);

	if (err)
		return err;
	faults_measure();
	err = find_end_task();
	if (err)
		goto undo;
	err = set(&error, error_in);
	if (err)
		goto undo;
	err = set(&die, die_in);
	if (err)
		goto undo;
	err = guard ? register_kprobe(&may_sleep) : 0;
	if (err)
		goto undo;
	return 0;
undo:
	unset(&die);
	unset(&error);
	unregister_kprobe(&measure);
	return err;
}

static void __exit faults_exit(void)
{
	if (guard)
		unregister_kprobe(&may_sleep);
	unset(&die);
	unset(&error);
	unregister_kprobe(&measure);
}

module_init(faults_init);
module_exit(faults_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Faults for the tests of Saker's module");
