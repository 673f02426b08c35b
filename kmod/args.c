// SPDX-License-Identifier: GPL-2.0-only
/*
 * The arguments of calls that are not passed as a native call's: put where a native call has them,
 * so that readers need not distinguish. Those of 32-bit calls.
 */
#include <linux/bits.h>
#include "call.h"

static void no_leave(struct saker_call *call, long ret)
{
}

const struct saker_syscall saker_no_call = { .leave = no_leave };

#ifdef CONFIG_X86_64
#define ARGS 6

void saker_arg_set(struct saker_call *call, unsigned int n, unsigned long value)
{
	unsigned long *const at[ARGS] = {
		&call->own.di, &call->own.si, &call->own.dx,
		&call->own.r10, &call->own.r8, &call->own.r9,
	};

	if (n < ARGS)
		*at[n] = value;
}

/* All bits set mean "none" in these too. */
static void widen_ids(struct saker_call *call)
{
	unsigned int n;

	for (n = 0; n < ARGS; n++) {
		u16 id = saker_arg(call, n);

		if (call->sys->ids16 & BIT(n))
			saker_arg_set(call, n, id == U16_MAX ? U32_MAX : id);
	}
}

void saker_ia32_enter(struct saker_call *call)
{
	const struct pt_regs *regs = (const void *)call->args - SAKER_ARGS_AT;

	/*
	 * As the kernel reads them: the lower halves only, whatever a 64-bit program has in the
	 * upper ones.
	 */
	call->own = (struct saker_args){
		.di = (u32)regs->bx, .si = (u32)regs->cx, .dx = (u32)regs->dx,
		.r10 = (u32)regs->si, .r8 = (u32)regs->di, .r9 = (u32)regs->bp,
	};
	call->args = &call->own;
	if (call->sys->ids16)
		widen_ids(call);
	if (call->sys->enter)
		call->sys->enter(call);
}
#else
void saker_arg_set(struct saker_call *call, unsigned int n, unsigned long value)
{
	call->own.regs[n] = value;
}

void saker_ia32_enter(struct saker_call *call)
{
}
#endif
