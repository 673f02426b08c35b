/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One call from its entry to its exit, and the rows that say how calls become events. The hooks
 * make a struct saker_call, the files in extract/ fill it and write its record. Everything here may
 * run with preemption off: nothing sleeps.
 */
#ifndef SAKER_CALL_H
#define SAKER_CALL_H

#include <linux/limits.h>
#include <linux/ptrace.h>
#include <linux/socket.h>
#include <linux/types.h>
#include <saker/event.h>

struct file;
struct mm_struct;
struct saker_call;
struct saker_hook;
struct saker_slot;

#define SAKER_CALL_SLOT BIT(0)		/* needs a slot, for what an inner hook finds */
#define SAKER_CALL_MANY BIT(1)		/* many tasks may be blocked in it at a time */
#define SAKER_CALL_ONLY_64 BIT(2)	/* 32-bit programs have no such call */
#define SAKER_CALL_ONLY_32 BIT(3)	/* only they have it */
#define SAKER_CALL_COMPAT BIT(4)	/* theirs is a function of its own: its structures differ */
#define SAKER_CALL_X32 BIT(5)		/* and x32 programs use that function too */
#define SAKER_CALL_URING BIT(6)		/* no system call, but an operation of io_uring */
#define SAKER_CALL_FAILS BIT(7)		/* only of failed calls: another hook sees success */

/* How a program makes the same call: each door is a function of its own, and so a hook. */
enum saker_door {
	SAKER_DOOR_NATIVE,
	SAKER_DOOR_URING,	/* io_uring's function for the operation, by its whole name */
	SAKER_DOOR_IA32,	/* int 0x80 of any program, any call of a 32-bit program */
	SAKER_DOOR_X32,		/* those calls of an x32 program that are not the native ones */
};

/*
 * struct saker_syscall - how one system call becomes one event
 * @name:	without the architecture's prefix: "openat"; NULL ends a table
 * @event:	SAKER_EV_*; 0 if the call can be several, see @events
 * @flags:	SAKER_CALL_*
 * @keep:	bytes of struct saker_call that are kept from enter to leave
 * @enter:	runs before the call, or NULL; preemption may be off, user memory is read without
 *		faulting
 * @leave:	runs after it, in the same task, and writes the record
 * @args:	the family's own: where the arguments are
 * @events:	all events that the call can be, closed by 0; its enter chooses by putting another
 *		row into call->sys
 * @opcodes:	of io_uring: a bit for each operation that the hook sees (IORING_OP_*)
 * @ids16:	by argument: a user or group of 16 bits, as old programs pass them
 */
struct saker_syscall {
	const char *name;
	u16 event;
	u16 flags;
	u16 keep;
	void (*enter)(struct saker_call *call);
	void (*leave)(struct saker_call *call, long ret);
	const void *args;
	const u16 *events;
	u64 opcodes;
	u8 ids16;
};

/*
 * struct saker_inner - a function inside the kernel that sees the objects a call in flight acts on
 * @symbol:	its name; NULL ends the table
 * @events:	the events that need it, closed by 0
 * @see:	runs at its entry with the function's first SAKER_INNER_ARGS arguments; it must not
 *		sleep
 * @on:		not NULL: @see works for direct calls only, so this function is hooked directly too
 *		if that is possible, and @on says whether it is
 */
#define SAKER_INNER_ARGS 4
struct saker_inner {
	const char *symbol;
	u16 events[10];
	void (*see)(const unsigned long *args);
	bool *on;
};

#define SAKER_NAME_INLINE 256	/* a name up to this long is kept in the call itself */
#define SAKER_NAMES 3		/* no call has more */

/* Text that was read: @at is in the call's own memory or in its slot. */
struct saker_text {
	const char *at;
	u16 len;
	u16 flags;			/* SAKER_BLOB_* */
};

/* The arguments of openat2() in memory, read at its entry; @read is 0 if they could not be read. */
struct saker_how {
	u64 flags;
	u64 mode;
	u64 resolve;
	u64 read;
};

/* What io_uring_setup() asks for in memory, read at its entry; @read as above. */
struct saker_ring_params {
	u32 flags;
	u32 sq_thread_cpu;
	u32 sq_thread_idle;
	u32 read;
};

/* The caller's credentials and namespaces before the call. */
struct saker_ids {
	u32 uid, euid, suid;
	u32 gid, egid, sgid;
	u64 inheritable, permitted, effective;
};

struct saker_places {
	u32 mnt, pid, net, user;
};

/*
 * A call's six arguments, as a native call passes them: laid out as in struct pt_regs, so that
 * nothing need be copied for such a call.
 */
#ifdef CONFIG_X86_64
struct saker_args {
	unsigned long r10, r9, r8, ax, cx, dx, si, di;
};
#define SAKER_ARGS_AT offsetof(struct pt_regs, r10)
#define SAKER_ARGS_ASSERT(reg) \
	static_assert(offsetof(struct saker_args, reg) + SAKER_ARGS_AT == \
		      offsetof(struct pt_regs, reg))
SAKER_ARGS_ASSERT(r9);
SAKER_ARGS_ASSERT(r8);
SAKER_ARGS_ASSERT(dx);
SAKER_ARGS_ASSERT(si);
SAKER_ARGS_ASSERT(di);
#elif defined(CONFIG_ARM64)
struct saker_args {
	u64 regs[6];		/* until the function returns: the result is put there */
};
#define SAKER_ARGS_AT offsetof(struct pt_regs, regs)
#else
#error "how are system call arguments passed here?"
#endif

/*
 * struct saker_call - one call, from its entry to its exit, in the mechanism's memory
 * @hook:	the hook that it came through
 * @sys:	which call it is: the hook's row, unless that one can be several
 * @args:	its arguments: in the caller's registers, or @own
 * @slot:	pages for what is too long to be kept here, or NULL
 * @held:	of a call on a socket: the file of the one that the kernel uses, with a reference,
 *		once an inner hook has seen it; only of direct calls
 * @own:	arguments that were not passed as a native call does
 * @req:	of io_uring: the request
 * @mm:		of exec: the caller's memory at the entry, only for comparing
 * The rest belongs to the family.
 */
struct saker_call {
	struct saker_hook *hook;
	const struct saker_syscall *sys;
	const struct saker_args *args;
	struct saker_slot *slot;
	struct file *held;
	struct saker_args own;
	union {
		void *req;
		const struct mm_struct *mm;
	};
	union {
		struct saker_text name[SAKER_NAMES];
		struct {
			struct saker_text only_name;
			struct saker_how how;
		};
		struct saker_ids ids;		/* before the call */
		struct saker_places places;
		struct saker_ring_params params;
	};
	union {
		char text[SAKER_NAME_INLINE] __aligned(8);
		struct {
			struct sockaddr_storage addr;
			int addr_len;
		};
	};
};

/* How much of it a family keeps from enter to leave. */
#define SAKER_KEEP_NONE offsetof(struct saker_call, name)
#define SAKER_KEEP_IDS (offsetof(struct saker_call, ids) + sizeof(struct saker_ids))
#define SAKER_KEEP_PLACES (offsetof(struct saker_call, places) + sizeof(struct saker_places))
#define SAKER_KEEP_PARAMS (offsetof(struct saker_call, params) + sizeof(struct saker_ring_params))
#define SAKER_KEEP_NAME sizeof(struct saker_call)
#define SAKER_KEEP_ADDR (offsetof(struct saker_call, addr_len) + sizeof(int))

/* The arguments of the native call that @regs entered the kernel with. */
static __always_inline const struct saker_args *saker_native_args(const struct pt_regs *regs)
{
	return (const void *)regs + SAKER_ARGS_AT;
}

static __always_inline unsigned long saker_args_get(const struct saker_args *args, unsigned int n)
{
#ifdef CONFIG_X86_64
	switch (n) {
	case 0:
		return args->di;
	case 1:
		return args->si;
	case 2:
		return args->dx;
	case 3:
		return args->r10;
	case 4:
		return args->r8;
	default:
		return args->r9;
	}
#else
	return args->regs[n];
#endif
}

/* Argument @n; the upper half of a 32-bit call's is 0. */
static __always_inline unsigned long saker_arg(const struct saker_call *call, unsigned int n)
{
	return saker_args_get(call->args, n);
}

/* args.c: the entry of a 32-bit call: moves its arguments into @own, then runs its row's enter. */
void saker_ia32_enter(struct saker_call *call);
/* Set argument @n of a call whose arguments are in @own. */
void saker_arg_set(struct saker_call *call, unsigned int n, unsigned long value);

/* An enter puts this into call->sys if no record is to be written after all. */
extern const struct saker_syscall saker_no_call;

#endif
