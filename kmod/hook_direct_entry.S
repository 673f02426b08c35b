/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The way into a direct-call wrapper and from there into the function itself (x86-64).
 *
 * ftrace has put a call to saker_direct_entry at the function's start. The address that this call pushed is where the
 * function's own body begins: it says which function it is. It is taken off the stack, so that the wrapper stands where
 * the function stood and returns to the function's caller.
 */
#include <linux/linkage.h>
#include <asm/unwind_hints.h>
#ifdef CONFIG_X86_KERNEL_IBT
#include <asm/ibt.h>
#else
#define ENDBR
#endif

	.text

SYM_CODE_START(saker_direct_entry)
	UNWIND_HINT_FUNC
	ENDBR
	popq	%rsi
	UNWIND_HINT_FUNC
	jmp	saker_direct_call
SYM_CODE_END(saker_direct_entry)

/*
 * long saker_direct_body(const struct pt_regs *regs, unsigned long body): call the function past ftrace's call. The
 * body does not begin with endbr, so no indirect jump may lead there; a return may. The processor's return stack comes
 * out even: this return uses the entry that the call at the function's start has left over.
 */
SYM_CODE_START(saker_direct_body)
	UNWIND_HINT_FUNC
	pushq	%rsi
	UNWIND_HINT_FUNC
	RET
SYM_CODE_END(saker_direct_body)

/*
 * void *saker_call_hidden(a, b, c, void *function): call a function that is not exported. It may not be meant to be
 * reached through a pointer, and its endbr taken away: so a return leads there too.
 */
SYM_CODE_START(saker_call_hidden)
	UNWIND_HINT_FUNC
	pushq	%rcx
	UNWIND_HINT_FUNC
	RET
SYM_CODE_END(saker_call_hidden)

	.section .note.GNU-stack, "", @progbits
