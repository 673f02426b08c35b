// SPDX-License-Identifier: GPL-2.0-only
/*
 * The cheap way, on x86-64: ftrace calls a wrapper instead of the function, and the wrapper calls the function. While a
 * call is in the function its frame leads back into this module, so only calls that cannot be held up by anybody are
 * hooked like this, and detaching waits for them.
 */
#include <linux/delay.h>
#include <linux/hash.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include "extract/extract.h"
#include "hook.h"

#ifdef SAKER_HAVE_DIRECT

#define TABLE_BITS 6
#define DRAIN_MS 10000

/* By address of the body, open addressing; changed only while no wrapper can be in it, under the device's lock. */
static struct {
	unsigned long body;
	struct saker_hook *hook;
} table[1 << TABLE_BITS];

/* A task may leave on another CPU than it came: only the sum counts. */
static DEFINE_PER_CPU(long, in_flight);

void saker_direct_entry(void);
long saker_direct_body(const struct pt_regs *regs, unsigned long body);
long saker_direct_call(const struct pt_regs *regs, unsigned long body);

/* Pairs with [direct-entry]; x86, which alone has direct calls here, keeps loads in order. */
static unsigned int place_of(unsigned long body)
{
	unsigned int i = hash_long(body, TABLE_BITS);

	while (READ_ONCE(table[i].body) != body && READ_ONCE(table[i].body))
		i = (i + 1) % ARRAY_SIZE(table);
	return i;
}

/* Stands in for the function; called from hook_direct_entry.S. */
__visible notrace long saker_direct_call(const struct pt_regs *regs, unsigned long body)
{
	struct saker_hook *hook;
	struct saker_call call;
	long ret;

	this_cpu_inc(in_flight);
	hook = table[place_of(body)].hook;
	call.hook = hook;
	call.regs = regs;
	call.slot = NULL;
	if (hook->sys->enter)
		hook->sys->enter(&call);
	ret = saker_direct_body(regs, body);
	this_cpu_inc(*hook->hits);
	hook->sys->leave(&call, ret);
	this_cpu_dec(in_flight);
	return ret;
}

/* Where ftrace's call in the function is: a kprobe, registered for a moment, knows. 0 if there is none. */
static unsigned long ftrace_site(const char *symbol)
{
	struct kprobe kp = { .symbol_name = symbol };
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

	hook->direct.ip = ftrace_site(hook->symbol);
	if (!hook->direct.ip)
		return -ENOENT;
	i = place_of(hook->direct.ip + MCOUNT_INSN_SIZE);
	/* Seen by whoever comes through ftrace's call, for the call is written later. */
	table[i].hook = hook;
	/* [direct-entry]: the hook is there before the entry can be found */
	smp_store_release(&table[i].body, hook->direct.ip + MCOUNT_INSN_SIZE);
	return saker_direct_register(&hook->direct, (unsigned long)saker_direct_entry);
}

/* The entry stays in the table: the same function has the same hook for as long as the module is loaded. */
void saker_direct_detach(struct saker_hook *hook)
{
	int err = saker_direct_unregister(&hook->direct, (unsigned long)saker_direct_entry);

	WARN(err, "saker: %s cannot be detached: %d\n", hook->symbol, err);
}

static long count_in_flight(void)
{
	long sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += per_cpu(in_flight, cpu);
	return sum;
}

/*
 * Who came in before the hooks were taken off has by the first grace period counted himself; who counted himself out has
 * by the second left the wrapper. A task that is held up all the same keeps the module in memory, and nothing else.
 */
void saker_direct_drain(void)
{
	unsigned int waited;

	synchronize_rcu_tasks();
	for (waited = 0; count_in_flight() && waited < DRAIN_MS; waited += 10)
		msleep(10);
	synchronize_rcu_tasks();
	if (count_in_flight()) {
		pr_warn("saker: %ld calls have not returned; the module stays loaded\n", count_in_flight());
		__module_get(THIS_MODULE);
	}
}

#endif
