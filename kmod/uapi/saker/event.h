/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/* One record, as the module writes it into a ring and its readers read it, in place. */
#ifndef SAKER_UAPI_EVENT_H
#define SAKER_UAPI_EVENT_H

#include <linux/types.h>
#include <saker/layout.h>

enum {
#define SAKER_EVENT(id, name, family, lane) SAKER_EV_##name = id,
#include <saker/events.def>
};

enum {
#define SAKER_PARAM(family, index, name, type) SAKER_P_##family##_##name = index,
#include <saker/events.def>
};

#define SAKER_EV_MAX 512		/* ids are below; bitmaps of events have this many bits */

/*
 * struct saker_rec - head of a record; nparams slots of eight bytes follow, then the blobs' bytes
 * @len:	bytes of the whole record, a multiple of 8
 * @type:	SAKER_EV_*
 * @nparams:	number of slots
 * @ts:		CLOCK_BOOTTIME, ns
 * @tid:	thread and
 * @pid:	thread group that acted, both as the initial pid namespace numbers them
 * @uid:	effective user, initial user namespace
 * @seq:	number of the record in its ring, counted from 0 with those lost, so a hole shows
 * @ret:	what the system call returned (evt.rawres)
 * @flags:	SAKER_REC_*
 * @cpu:	where it was written
 */
struct saker_rec {
	__u32 len;
	__u16 type;
	__u16 nparams;
	__u64 ts;
	__u32 tid;
	__u32 pid;
	__u32 uid;
	__u32 seq;
	__s64 ret;
	__u32 flags;
	__u32 cpu;
};
SAKER_SIZE(saker_rec, 48);
SAKER_AT(saker_rec, len, 0);
SAKER_AT(saker_rec, type, 4);
SAKER_AT(saker_rec, nparams, 6);
SAKER_AT(saker_rec, ts, 8);
SAKER_AT(saker_rec, tid, 16);
SAKER_AT(saker_rec, pid, 20);
SAKER_AT(saker_rec, uid, 24);
SAKER_AT(saker_rec, seq, 28);
SAKER_AT(saker_rec, ret, 32);
SAKER_AT(saker_rec, flags, 40);
SAKER_AT(saker_rec, cpu, 44);

#define SAKER_REC_HEAD 48		/* sizeof(struct saker_rec) */
#define SAKER_REC_MAX 65528		/* no record is longer */
#define SAKER_REC_COMPAT (1u << 0)	/* made through a 32-bit system call */

/*
 * struct saker_blob - a slot whose value is further back in the record
 * @off:	first byte, counted from the record's start; 0 with len 0: nothing there
 * @len:	bytes; the byte at off + len is not part of it
 * @flags:	SAKER_BLOB_*
 */
struct saker_blob {
	__u32 off;
	__u16 len;
	__u16 flags;
};
SAKER_SIZE(saker_blob, 8);
SAKER_AT(saker_blob, off, 0);
SAKER_AT(saker_blob, len, 4);
SAKER_AT(saker_blob, flags, 6);

#define SAKER_BLOB_ABSENT (1u << 0)	/* there is no such value for this event */
#define SAKER_BLOB_TRUNCATED (1u << 1)	/* the value is longer than what is here */
#define SAKER_BLOB_UNREADABLE (1u << 2)	/* the caller's memory could not be read */
#define SAKER_BLOB_DELETED (1u << 3)	/* d_path said " (deleted)", taken off */
#define SAKER_BLOB_UNREACHABLE (1u << 4)	/* not below the task's root directory */

/*
 * struct saker_sock - both ends of a socket when the record was written
 * @family:	AF_*
 * @type:	SOCK_STREAM and so on
 * @protocol:	IPPROTO_*
 * @role:	SAKER_ROLE_*
 * @flags:	SAKER_SOCK_*
 * @local_port, @remote_port:	host byte order
 * @local, @remote:		network byte order; IPv4 in the first four bytes, the others 0
 */
struct saker_sock {
	__u16 family;
	__u8 type;
	__u8 role;
	__u16 protocol;
	__u16 flags;
	__u16 local_port;
	__u16 remote_port;
	__u32 reserved;
	__u8 local[16];
	__u8 remote[16];
};
SAKER_SIZE(saker_sock, 48);
SAKER_AT(saker_sock, family, 0);
SAKER_AT(saker_sock, type, 2);
SAKER_AT(saker_sock, role, 3);
SAKER_AT(saker_sock, protocol, 4);
SAKER_AT(saker_sock, flags, 6);
SAKER_AT(saker_sock, local_port, 8);
SAKER_AT(saker_sock, remote_port, 10);
SAKER_AT(saker_sock, reserved, 12);
SAKER_AT(saker_sock, local, 16);
SAKER_AT(saker_sock, remote, 32);

#define SAKER_ROLE_NONE 0
#define SAKER_ROLE_CLIENT 1		/* it connected, or sends to an address */
#define SAKER_ROLE_SERVER 2		/* it was accepted, or listens */

#define SAKER_SOCK_CONNECTED (1u << 0)	/* established, or a datagram socket with a fixed peer */
#define SAKER_SOCK_PEER_ASKED (1u << 1)	/* the socket has no peer: remote is the one asked for */
#define SAKER_SOCK_NAME_CHANGED (1u << 2)	/* this call changed its ends (foreign sources) */

/* What a descriptor refers to: Falco's fd.typechar, as a character code. */
#define SAKER_FD_NONE 0
#define SAKER_FD_FILE 'f'
#define SAKER_FD_DIR 'd'
#define SAKER_FD_IPV4 '4'
#define SAKER_FD_IPV6 '6'
#define SAKER_FD_UNIX 'u'
#define SAKER_FD_FIFO 'p'
#define SAKER_FD_EVENT 'e'
#define SAKER_FD_SIGNAL 's'
#define SAKER_FD_EPOLL 'l'
#define SAKER_FD_INOTIFY 'i'
#define SAKER_FD_TIMER 't'
#define SAKER_FD_NETLINK 'n'
#define SAKER_FD_BPF 'b'
#define SAKER_FD_USERFAULT 'U'
#define SAKER_FD_IOURING 'r'
#define SAKER_FD_MEMFD 'm'
#define SAKER_FD_PIDFD 'P'
#define SAKER_FD_OTHER 'o'

/* exe_flags of exec */
#define SAKER_EXE_WRITABLE (1u << 0)	/* the caller may write the file, by owner or by mode */
#define SAKER_EXE_UPPER (1u << 1)	/* overlayfs, upper layer: not part of the image */
#define SAKER_EXE_LOWER (1u << 2)
#define SAKER_EXE_MEMFD (1u << 3)

/* fileflags of open */
#define SAKER_FILE_CREATED (1u << 0)
#define SAKER_FILE_UPPER (1u << 1)
#define SAKER_FILE_LOWER (1u << 2)

#endif
