/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From a call to its record. Everything here may run with preemption off: nothing sleeps, user memory is read without
 * faulting, loops are bounded.
 */
#ifndef SAKER_EXTRACT_H
#define SAKER_EXTRACT_H

#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/in.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/un.h>
#include <net/sock.h>
#include <saker/event.h>
#include "../hook.h"
#include "../ring.h"

#define SAKER_NAME_INLINE 256	/* a name up to this long is kept in the call itself */
#define SAKER_NAMES 3		/* no call has more */

/* Text that was read: @at lies in the call's own memory or in its slot. */
struct saker_text {
	const char *at;
	u16 len;
	u16 flags;			/* SAKER_BLOB_* */
};

/* What openat2() was asked for, read at its entry; @read is 0 if it could not be. */
struct saker_how {
	u64 flags;
	u64 mode;
	u64 resolve;
	u64 read;
};

/* Who the caller is, as records of credentials tell it; and where, as those of namespaces do. */
struct saker_ids {
	u32 uid, euid, suid;
	u32 gid, egid, sgid;
	u64 inheritable, permitted, effective;
};

struct saker_places {
	u32 mnt, pid, net, user;
};

/*
 * A call's six arguments, as a native call passes them: what lies there in struct pt_regs, so that for such a call nothing
 * need be copied.
 */
#ifdef CONFIG_X86_64
struct saker_args {
	unsigned long r10, r9, r8, ax, cx, dx, si, di;
};
#define SAKER_ARGS_AT offsetof(struct pt_regs, r10)
#define SAKER_ARGS_ASSERT(reg) \
	static_assert(offsetof(struct saker_args, reg) + SAKER_ARGS_AT == offsetof(struct pt_regs, reg))
SAKER_ARGS_ASSERT(r9);
SAKER_ARGS_ASSERT(r8);
SAKER_ARGS_ASSERT(dx);
SAKER_ARGS_ASSERT(si);
SAKER_ARGS_ASSERT(di);
#elif defined(CONFIG_ARM64)
struct saker_args {
	u64 regs[6];		/* as they are while the call is in its function; its result is put there later */
};
#define SAKER_ARGS_AT offsetof(struct pt_regs, regs)
#else
#error "how are system call arguments passed here?"
#endif

/*
 * struct saker_call - one call, from its entry to its exit; lives in the mechanism's memory
 * @hook:	through which it came
 * @sys:	which call it is: that of the hook, unless this is several
 * @args:	its arguments: in the caller's registers, or @own
 * @slot:	pages for what is too long to be kept here, or NULL
 * @own:	arguments that were not passed as a native call does
 * @req:	of io_uring: the request
 * @sock:	of connect and bind: the socket that the kernel found, NULL: it has found none; only to be compared with
 * The rest belongs to the family.
 */
struct saker_call {
	struct saker_hook *hook;
	const struct saker_syscall *sys;
	const struct saker_args *args;
	struct saker_slot *slot;
	struct saker_args own;
	union {
		void *req;
		const struct socket *sock;
	};
	union {
		struct saker_text name[SAKER_NAMES];
		struct {
			struct saker_text only_name;
			struct saker_how how;
		};
		struct saker_ids ids;		/* before the call */
		struct saker_places places;
	};
	union {
		char text[SAKER_NAME_INLINE] __aligned(8);
		struct {
			struct sockaddr_storage addr;
			int addr_len;
		};
	};
};

/*
 * Begin the record of a call that may have changed who or where the caller is, and be told whether it has. A change goes into lane
 * LIFE, but leaves the last quarter of it to births, programs and ends; what changed nothing is an event like any other, and only
 * written if it was asked for.
 */
static inline bool __must_check saker_begin_change(struct saker_out *out, u16 event, unsigned int nparams, bool changed)
{
	if (changed)
		return saker_out_begin_spare(out, event, nparams);
	return saker_event_asked(event) && saker_out_begin(out, SAKER_LANE_EVENT, event, nparams, 0);
}

/* What of it a family keeps from enter to leave. */
#define SAKER_KEEP_NONE offsetof(struct saker_call, name)
#define SAKER_KEEP_IDS (offsetof(struct saker_call, ids) + sizeof(struct saker_ids))
#define SAKER_KEEP_PLACES (offsetof(struct saker_call, places) + sizeof(struct saker_places))
#define SAKER_KEEP_NAME sizeof(struct saker_call)
#define SAKER_KEEP_ADDR (offsetof(struct saker_call, addr_len) + sizeof(int))

/* The calls of each family, in its own file; ends with an empty row. */
#define SAKER_CALLS_NONE(name)
#define SAKER_CALLS_CALLS(name) extern const struct saker_syscall saker_##name##_calls[];
#define SAKER_FAMILY(name, source) SAKER_CALLS_##source(name)
#include <saker/events.def>
#undef SAKER_CALLS_NONE
#undef SAKER_CALLS_CALLS
/* socketcall(2): the socket calls of 32-bit programs, which are events of family sock. */
extern const struct saker_syscall saker_socketcall_calls[];
extern const struct saker_syscall saker_uring_calls[];

/* What an enter puts into call->sys when there is nothing to be written after all. */
extern const struct saker_syscall saker_no_call;

extern const struct saker_inner saker_inners[];

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

/* Argument @n; that of a 32-bit call has its upper half 0. */
static __always_inline unsigned long saker_arg(const struct saker_call *call, unsigned int n)
{
	return saker_args_get(call->args, n);
}

/* Do its structures in memory, and its longs, have the layout of 32-bit programs? */
static inline bool saker_is_compat(const struct saker_call *call)
{
	return call->hook->door >= SAKER_DOOR_IA32;
}

/* The same of an argument that is a signed long. */
static inline long saker_arg_long(const struct saker_call *call, unsigned int n)
{
	return saker_is_compat(call) ? (s32)saker_arg(call, n) : (long)saker_arg(call, n);
}

/* What a mechanism does at a call's entry, with the registers that its function was given. */
static __always_inline void saker_call_begin(struct saker_call *call, struct saker_hook *hook,
					     const struct pt_regs *regs)
{
	call->hook = hook;
	call->sys = hook->sys;
	call->args = saker_native_args(regs);
	call->slot = NULL;
	if (hook->enter)
		hook->enter(call);
}

/* args.c: the entry of a 32-bit call: its arguments first, in @own, then what its row does. */
void saker_ia32_enter(struct saker_call *call);
/* Set argument @n of a call that has its own. */
void saker_arg_set(struct saker_call *call, unsigned int n, unsigned long value);

/*
 * text.c: names from user memory. Name @which of the call is read at its entry from argument @arg; the first is kept in
 * the call itself, so the hook keeps SAKER_KEEP_NAME. At the exit it is written, or read again if it could not be.
 */
void saker_name_enter(struct saker_call *call, unsigned int which, unsigned int arg);
void saker_name_put(struct saker_out *out, unsigned int slot, struct saker_call *call, unsigned int which,
		    unsigned int arg);
static inline bool saker_name_relative(const struct saker_call *call, unsigned int which)
{
	const struct saker_text *text = &call->name[which];

	return text->len == 0 || text->at[0] != '/';
}

/* path.c: paths from kernel objects. init sleeps. */
void saker_paths_init(void);
void saker_put_path(struct saker_out *out, unsigned int slot, const struct path *path);
void saker_put_base(struct saker_out *out, unsigned int slot, int dirfd);
void saker_put_cwd(struct saker_out *out, unsigned int slot);
void saker_put_root(struct saker_out *out, unsigned int slot);
/* What an inner hook saw of the call, the path numbered @which; absent if it did not get that far. */
void saker_put_seen(struct saker_out *out, unsigned int slot, const struct saker_call *call, unsigned int which);

/*
 * The file behind a descriptor of the current task, O_PATH ones too, until saker_file_put(). It is counted only if another
 * thread could close it meanwhile, as in the kernel's fdget().
 */
static inline struct file *saker_file_get(int fd, bool *counted)
{
	struct files_struct *files = current->files;

	*counted = atomic_read(&files->count) != 1;
	return *counted ? fget_raw(fd) : files_lookup_fd_raw(files, fd);
}

static inline void saker_file_put(struct file *file, bool counted)
{
	if (counted)
		fput(file);
}

/* file.c: what a file is. */
u32 saker_odd_fd_type(const struct file *file);

static inline u32 saker_fd_type(const struct file *file)
{
	return likely(S_ISREG(file_inode(file)->i_mode) && !IS_ROOT(file->f_path.dentry)) ? SAKER_FD_FILE :
	       saker_odd_fd_type(file);
}

u32 saker_overlay_layer(const struct inode *inode);	/* SAKER_FILE_UPPER, SAKER_FILE_LOWER or 0 */
bool saker_is_memfd(const struct dentry *dentry);

/* fileflags of a file that was opened. */
static inline u32 saker_file_flags(const struct file *file)
{
	return saker_overlay_layer(file_inode(file)) | (file->f_mode & FMODE_CREATED ? SAKER_FILE_CREATED : 0);
}

/* open.c: like openat's and openat2's leave, for a file that went into a slot of io_uring's and has no descriptor. */
void saker_open_leave_slot(struct saker_call *call, long ret);

/* sock.c: the address that the caller passes, into @call; before another thread has had time to change it. */
void saker_addr_enter(struct saker_call *call, const void __user *from, long len);
/* The same out of a struct msghdr. */
void saker_msg_enter(struct saker_call *call, const void __user *msg, bool compat);

/*
 * struct saker_sock_how - what a call on a socket carries beside the socket
 * @fd:		the parameter
 * @listenfd:	likewise, -1 if there is none
 * @role:	SAKER_ROLE_*
 */
struct saker_sock_how {
	int fd;
	int listenfd;
	u8 role;
	s64 arg;
};

/* Write the record of such a call; @file: the socket's, or what was taken for one, or NULL. */
void saker_sock_write(struct saker_call *call, const struct saker_sock_how *how, struct file *file, long ret);

/* What the kernel's own checks of connect and bind see, and whether they are hooked. */
extern bool saker_connects_seen, saker_binds_seen;
void saker_see_connect(const unsigned long *args);
void saker_see_bind(const unsigned long *args);

/* socket.c: what a socket is. */
u32 saker_family_type(u16 family);
static inline u32 saker_sock_type(const struct sock *sk)
{
	return saker_family_type(sk->sk_family);
}
void saker_sock_ends(struct saker_sock *ends, const struct sock *sk);
/* The name of an AF_UNIX socket, of its peer, or of an address; false, and nothing written, if it has none. */
bool saker_put_unix_own(struct saker_out *out, unsigned int slot, const struct sock *sk);
bool saker_put_unix_peer(struct saker_out *out, unsigned int slot, struct sock *sk);
bool saker_put_unix_name(struct saker_out *out, unsigned int slot, const struct sockaddr_un *name, int len);

/* The records of process life: exec.c, life.c; called with preemption off. */
struct linux_binprm;
void saker_write_exec(struct task_struct *task, struct linux_binprm *bprm);
void saker_write_fork(struct task_struct *parent, struct task_struct *child);
void saker_write_exit(struct task_struct *task);

#endif
