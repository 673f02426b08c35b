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

/*
 * struct saker_call - one call, from its entry to its exit; lives in the mechanism's memory
 * @hook:	through which it came
 * @regs:	the caller's registers: the arguments
 * @slot:	pages for what is too long to be kept here, or NULL
 * The rest belongs to the family.
 */
struct saker_call {
	struct saker_hook *hook;
	const struct pt_regs *regs;
	struct saker_slot *slot;
	union {
		struct saker_text name[SAKER_NAMES];
		struct {
			struct saker_text only_name;
			struct saker_how how;
		};
	};
	union {
		char text[SAKER_NAME_INLINE] __aligned(8);
		struct {
			struct sockaddr_storage addr;
			int addr_len;
		};
	};
};

/* What of it a family keeps from enter to leave. */
#define SAKER_KEEP_NONE offsetof(struct saker_call, name)
#define SAKER_KEEP_NAME sizeof(struct saker_call)
#define SAKER_KEEP_ADDR (offsetof(struct saker_call, addr_len) + sizeof(int))

extern const struct saker_syscall saker_open_calls[];
extern const struct saker_syscall saker_sock_calls[];
extern const struct saker_syscall saker_path_calls[];
extern const struct saker_syscall saker_path2_calls[];
extern const struct saker_syscall saker_ptrace_calls[];
extern const struct saker_syscall saker_mount_calls[];
extern const struct saker_syscall saker_ns_calls[];
extern const struct saker_syscall saker_module_calls[];
extern const struct saker_syscall saker_bpf_calls[];
extern const struct saker_syscall saker_memfd_calls[];
extern const struct saker_syscall saker_dup_calls[];
extern const struct saker_syscall saker_cred_calls[];

extern const struct saker_inner saker_inners[];

/* Argument @n of the system call that @regs entered the kernel with. */
static __always_inline unsigned long saker_regs_arg(const struct pt_regs *regs, unsigned int n)
{
#ifdef CONFIG_X86_64
	switch (n) {
	case 0:
		return regs->di;
	case 1:
		return regs->si;
	case 2:
		return regs->dx;
	case 3:
		return regs->r10;
	case 4:
		return regs->r8;
	default:
		return regs->r9;
	}
#elif defined(CONFIG_ARM64)
	return n ? regs->regs[n] : regs->orig_x0;
#else
#error "how are system call arguments passed here?"
#endif
}

static __always_inline unsigned long saker_arg(const struct saker_call *call, unsigned int n)
{
	return saker_regs_arg(call->regs, n);
}

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

/* socket.c: what a socket is. */
u32 saker_sock_type(const struct sock *sk);
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
