/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The path through a hooked function (x86-64): saker_direct_enter(), the function's body,
 * saker_direct_leave().
 *
 * ftrace has put a call to saker_direct_entry at the function's start. The return address of that
 * call is where the function's body begins: it identifies the function. It is removed from the
 * stack, so that what follows has the function's stack and returns to the function's caller.
 */
#include <linux/linkage.h>
#include <asm/unwind_hints.h>
#ifdef CONFIG_X86_KERNEL_IBT
#include <linux/objtool.h>
#include <asm/ibt.h>
#else
#define ENDBR
#define ANNOTATE_NOENDBR
#endif

	.text

SYM_CODE_START(saker_direct_entry)
	UNWIND_HINT_FUNC
	ENDBR
	popq	%rsi
	UNWIND_HINT_FUNC
	jmp	saker_direct_through
SYM_CODE_END(saker_direct_entry)

/*
 * long saker_direct_through(const struct pt_regs *regs, unsigned long body). While the body runs,
 * only the return address of its call is on the stack, at the address that saker_direct_enter() was
 * given.
 */
SYM_FUNC_START(saker_direct_through)
	pushq	%rdi
	pushq	%rsi
	leaq	8(%rsp), %rdx
	call	saker_direct_enter
	popq	%rsi
	popq	%rdi
	testb	%al, %al
	je	saker_direct_body
	call	saker_direct_body
SYM_INNER_LABEL(saker_direct_return, SYM_L_GLOBAL)
	ANNOTATE_NOENDBR	/* only returned to */
	movq	%rax, %rdi
	jmp	saker_direct_leave
SYM_FUNC_END(saker_direct_through)

/*
 * long saker_direct_body(const struct pt_regs *regs, unsigned long body): enter the function after
 * ftrace's call. The body does not begin with endbr, so an indirect jump must not lead there; a
 * return may. The processor's return stack is balanced: this return uses the entry that the call at
 * the function's start has left over. That entry predicts correctly only without
 * saker_direct_leave(); with it, this return and that of the function are both predicted wrongly.
 */
SYM_CODE_START(saker_direct_body)
	UNWIND_HINT_FUNC
	pushq	%rsi
	UNWIND_HINT_FUNC
	RET
SYM_CODE_END(saker_direct_body)

/*
 * The entry of a function inside the kernel, which is only observed: saker_direct_see() with its
 * arguments, in their order, and the body's address. Then into the body, by the return address of
 * ftrace's call.
 */
SYM_FUNC_START(saker_direct_inner)
	ENDBR
	pushq	%r9
	pushq	%r8
	pushq	%rcx
	pushq	%rdx
	pushq	%rsi
	pushq	%rdi
	movq	%rsp, %rdi
	movq	48(%rsp), %rsi
	call	saker_direct_see
	popq	%rdi
	popq	%rsi
	popq	%rdx
	popq	%rcx
	popq	%r8
	popq	%r9
	RET
SYM_FUNC_END(saker_direct_inner)

/*
 * void *saker_call_hidden(a, b, c, void *function): call a function that is not exported. The
 * kernel may have removed its endbr, because nothing takes its address: so a return leads there.
 */
SYM_CODE_START(saker_call_hidden)
	UNWIND_HINT_FUNC
	pushq	%rcx
	UNWIND_HINT_FUNC
	RET
SYM_CODE_END(saker_call_hidden)

	.section .note.GNU-stack, "", @progbits
