/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From a call to its record. Everything here may run with preemption off: nothing sleeps, user
 * memory is read without faulting, loops are bounded.
 */
#ifndef SAKER_EXTRACT_H
#define SAKER_EXTRACT_H

#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/in.h>
#include <linux/magic.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/un.h>
#include <net/sock.h>
#include <saker/event.h>
#include "../call.h"
#include "../families.h"
#include "../hook.h"
#include "../ring.h"
#include "../slot.h"

/*
 * Begin the record of one of saker_changes; @changed says whether the call changed the process. A
 * change goes into lane LIFE, but leaves the last 1/@part of it to others. A call that changed
 * nothing is an event like any other, and is written only if it was asked for.
 */
static inline bool __must_check saker_begin_part(struct saker_out *out, u16 event,
						 unsigned int nparams, u32 room, unsigned int part,
						 bool changed)
{
	if (changed)
		return saker_out_begin_spare(out, event, nparams, room, part);
	return saker_event_asked(event) &&
	       saker_out_begin(out, SAKER_LANE_EVENT, event, nparams, room);
}

/* Of credentials and namespaces: a quarter is for births, programs and ends. */
static inline bool __must_check saker_begin_change(struct saker_out *out, u16 event,
						   unsigned int nparams, bool changed)
{
	return saker_begin_part(out, event, nparams, 0, 4, changed);
}

/*
 * Of what every program can change as often as it likes, with texts of any length: it takes nothing
 * from changes of credentials either.
 */
static inline bool __must_check saker_begin_free_change(struct saker_out *out, u16 event,
							unsigned int nparams, u32 room,
							bool changed)
{
	return saker_begin_part(out, event, nparams, room, 2, changed);
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

/*
 * text.c: names from user memory. Name @which of the call is read at its entry from argument @arg.
 * The first name is kept in the call itself, so the hook keeps SAKER_KEEP_NAME. The name is written
 * at the exit; if it could not be read at the entry, it is tried again there.
 */
void saker_name_enter(struct saker_call *call, unsigned int which, unsigned int arg);
void saker_name_put(struct saker_out *out, unsigned int slot, struct saker_call *call,
		    unsigned int which, unsigned int arg);
/* strncpy_from_user() without faulting pages in. */
long saker_read_string(char *to, const char __user *from, long room);
static inline bool saker_name_relative(const struct saker_call *call, unsigned int which)
{
	const struct saker_text *text = &call->name[which];

	return text->len == 0 || text->at[0] != '/';
}

/*
 * put_path.c: paths from kernel objects, from the top of the object's mount namespace on: a chroot
 * does not shorten them.
 */
void saker_put_path(struct saker_out *out, unsigned int slot, const struct path *path);
/*
 * The same text at the end of @buf, followed by a NUL; an error if it is longer than @len. @flags:
 * those of the blob. Of a mount that is in no namespace (detached, or not attached yet) there are
 * only the names from the top of its file system on.
 */
char *saker_path_text(const struct path *path, char *buf, int len, u16 *flags);
/*
 * The next two are from the task's root directory on, as the task itself would name them. Of the
 * file of a descriptor; AT_FDCWD: the working directory.
 */
void saker_put_fd_path(struct saker_out *out, unsigned int slot, int dirfd);
void saker_put_cwd(struct saker_out *out, unsigned int slot);
void saker_put_root(struct saker_out *out, unsigned int slot);
/* Path @which that an inner hook saw in the call; absent if the call did not reach that hook. */
void saker_put_seen(struct saker_out *out, unsigned int slot, const struct saker_call *call,
		    unsigned int which);

/*
 * What name @which of the call starts from if it is relative, else absent: the working directory or
 * the directory of @dirfd, as it is now.
 */
static inline void saker_put_base(struct saker_out *out, unsigned int slot,
				  const struct saker_call *call, unsigned int which, int dirfd)
{
	if (saker_name_relative(call, which))
		saker_put_fd_path(out, slot, dirfd);
	else
		saker_out_absent(out, slot, SAKER_BLOB_ABSENT);
}

/*
 * The file of a descriptor of the current task, O_PATH ones too, until saker_file_put(). A
 * reference is taken only if another thread could close it meanwhile, as in the kernel's fdget().
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

/* cred.c: the caller's credentials; the same at the entry of a call that keeps SAKER_KEEP_IDS. */
void saker_ids_read(struct saker_ids *ids);
void saker_ids_enter(struct saker_call *call);

/* file.c: what a file is. */
u32 saker_odd_fd_type(const struct file *file);

static inline u32 saker_fd_type(const struct file *file)
{
	return likely(S_ISREG(file_inode(file)->i_mode) && !IS_ROOT(file->f_path.dentry)) ?
	       SAKER_FD_FILE : saker_odd_fd_type(file);
}

/* Of an inode of overlayfs. */
u32 saker_overlay_of(const struct inode *inode);

/* SAKER_FILE_UPPER, SAKER_FILE_LOWER or 0. */
static inline u32 saker_overlay_layer(const struct inode *inode)
{
	return likely(inode->i_sb->s_magic != OVERLAYFS_SUPER_MAGIC) ? 0 : saker_overlay_of(inode);
}

bool saker_is_memfd(const struct dentry *dentry);

/* fileflags of a file that was opened. */
static inline u32 saker_file_flags(const struct file *file)
{
	return saker_overlay_layer(file_inode(file)) |
	       (file->f_mode & FMODE_CREATED ? SAKER_FILE_CREATED : 0);
}

/*
 * open.c: what openat and openat2 do on leave, for a file that went into a slot of io_uring and has
 * no descriptor.
 */
void saker_open_leave_slot(struct saker_call *call, long ret);

/*
 * sock.c: read the address that the caller passes into @call, before another thread has had time to
 * change it.
 */
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

/*
 * Write the record of such a call; @file: the socket's file, or a file that is no socket, or NULL.
 */
void saker_sock_write(struct saker_call *call, const struct saker_sock_how *how, struct file *file,
		      long ret);
/* The same of a call that sends; its argument @flags_arg has the flags. */
void saker_send_write(struct saker_call *call, unsigned int flags_arg, long ret);

/* The same of a call that receives, with the sender's address in @call. */
void saker_receive_write(struct saker_call *call, unsigned int flags_arg, long ret);

/* exec.c: what a program inherits from its process, all but its file and its strings. */
void saker_put_caller(struct saker_out *out, struct task_struct *task);

/* put_cgroup.c: the task's control group, for a record that begins as an exec's does. */
void saker_put_cgroup(struct saker_out *out, struct task_struct *task);

/* exec_failed.c */
void saker_exec_enter(struct saker_call *call);
void saker_exec_leave(struct saker_call *call, long ret);

/* mmsg.c: sendmmsg, recvmmsg. */
void saker_sendmmsg_leave(struct saker_call *call, long ret);
void saker_recvmmsg_leave(struct saker_call *call, long ret);

/* see_socket.c: what the kernel's own checks of calls on sockets see, and which are hooked. */
extern bool saker_connects_seen, saker_binds_seen, saker_listens_seen, saker_accepts_seen;
extern bool saker_sends_seen, saker_receives_seen;
void saker_see_connect(const unsigned long *args);
void saker_see_bind(const unsigned long *args);
void saker_see_listen(const unsigned long *args);
void saker_see_accept(const unsigned long *args);
void saker_see_send(const unsigned long *args);
void saker_see_receive(const unsigned long *args);

/* put_socket.c: what a socket is. */
u32 saker_family_type(u16 family);
static inline u32 saker_sock_type(const struct sock *sk)
{
	return saker_family_type(sk->sk_family);
}
void saker_sock_ends(struct saker_sock *ends, const struct sock *sk);
/*
 * The name of an AF_UNIX socket, of its peer, or of an address; false if it has none, and then
 * nothing is written.
 */
bool saker_put_unix_own(struct saker_out *out, unsigned int slot, const struct sock *sk);
bool saker_put_unix_peer(struct saker_out *out, unsigned int slot, struct sock *sk);
bool saker_put_unix_name(struct saker_out *out, unsigned int slot, const struct sockaddr_un *name,
			 int len);

#endif
