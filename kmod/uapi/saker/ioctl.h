/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * Control of /dev/saker. Opening needs CAP_SYS_ADMIN in the initial user namespace. Every structure
 * starts with its size as the caller knows it; reserved fields must be 0; a longer structure from a
 * newer caller is refused with -E2BIG if the surplus is not 0.
 *
 * Order: open, INFO (compare the ABI), SETUP (become the consumer; -EBUSY if there is one; rings
 * are made), mmap, EVENTS (hooks are attached), wait. close detaches all hooks and frees the rings
 * when the last mapping is gone.
 */
#ifndef SAKER_UAPI_IOCTL_H
#define SAKER_UAPI_IOCTL_H

#include <linux/ioctl.h>
#include <linux/types.h>
#include <saker/layout.h>
#include <saker/event.h>

#define SAKER_DEVICE "/dev/saker"

#define SAKER_FEAT_URING_CMD (1ull << 0)	/* SAKER_CMD_WAIT through IORING_OP_URING_CMD */
#define SAKER_FEAT_IGNORE_SELF (1ull << 2)	/* SAKER_EVENTS_IGNORE_SELF; partial is set */
#define SAKER_FEAT_URING_OPS (1ull << 3)	/* SAKER_IOC_URING_OP */
#define SAKER_FEAT_DIRECT (1ull << 1)		/* this kernel has direct calls for hooks */

struct saker_info {
	__u32 size;
	__u16 abi_major;
	__u16 abi_minor;
	__u64 features;			/* SAKER_FEAT_* */
	__u32 cpus;			/* possible CPUs, 0..cpus-1; not each has rings */
	__u32 lanes;
	__u32 online;			/* CPUs that SETUP makes rings for now */
	__u32 reserved0;
	__u64 supported[SAKER_EV_MAX / 64];	/* events this module can write on this kernel */
	char version[16];
	__u64 reserved[4];
};
SAKER_SIZE(saker_info, 144);
SAKER_AT(saker_info, size, 0);
SAKER_AT(saker_info, abi_major, 4);
SAKER_AT(saker_info, abi_minor, 6);
SAKER_AT(saker_info, features, 8);
SAKER_AT(saker_info, cpus, 16);
SAKER_AT(saker_info, lanes, 20);
SAKER_AT(saker_info, online, 24);
SAKER_AT(saker_info, reserved0, 28);
SAKER_AT(saker_info, supported, 32);
SAKER_AT(saker_info, version, 96);
SAKER_AT(saker_info, reserved, 112);

struct saker_setup {
	__u32 size;
	__u32 flags;			/* 0 */
	__u64 life_bytes;		/* data_size of each ring of lane LIFE; a power
					   of two, 64 KiB to 64 MiB */
	__u64 event_bytes;
	__u64 reserved[4];
};
SAKER_SIZE(saker_setup, 56);
SAKER_AT(saker_setup, size, 0);
SAKER_AT(saker_setup, flags, 4);
SAKER_AT(saker_setup, life_bytes, 8);
SAKER_AT(saker_setup, event_bytes, 16);
SAKER_AT(saker_setup, reserved, 24);

/* ignore_pid is set to the caller's thread group; the value that the caller gives is not used. */
#define SAKER_EVENTS_IGNORE_SELF (1u << 0)

struct saker_events {
	__u32 size;
	__u32 flags;			/* SAKER_EVENTS_* */
	/* Once any event is asked, the records of process life and those calls that changed
	   credentials or namespaces are written too. */
	__u64 asked[SAKER_EV_MAX / 64];
	/* A record of these wakes the consumer at once; births, programs and ends always do. */
	__u64 urgent[SAKER_EV_MAX / 64];
	__u64 missing[SAKER_EV_MAX / 64];	/* out: asked, but could not be attached */
	/* Lane EVENT: wake when this many bytes are waiting (0: a quarter of the ring), */
	__u32 wake_bytes;
	__u32 wake_us;			/* or when the oldest waits so long; 0: 1000 */
	/* No record of lane EVENT is written of this thread group (the daemon's own), by its
	   number in the initial pid namespace; 0: none. */
	__u64 ignore_pid;
	/* out: attached, but without a hook inside the kernel: resolved paths are missing; in: 0 */
	__u64 partial[SAKER_EV_MAX / 64];
	__u64 reserved[1];
};
SAKER_SIZE(saker_events, 288);
SAKER_AT(saker_events, size, 0);
SAKER_AT(saker_events, flags, 4);
SAKER_AT(saker_events, asked, 8);
SAKER_AT(saker_events, urgent, 72);
SAKER_AT(saker_events, missing, 136);
SAKER_AT(saker_events, wake_bytes, 200);
SAKER_AT(saker_events, wake_us, 204);
SAKER_AT(saker_events, ignore_pid, 208);
SAKER_AT(saker_events, partial, 216);
SAKER_AT(saker_events, reserved, 280);

/*
 * A descriptor that waits for some CPUs, for threads that cannot use SAKER_CMD_WAIT: its poll()
 * reports POLLIN as soon as a ring of CPUs first_cpu..first_cpu+cpu_count-1 is ready for draining.
 * Only the consumer gets one. No two may wait for one CPU (-EBUSY). It keeps the device open: the
 * device is released when it and all others are closed.
 */
struct saker_waiter {
	__u32 size;
	__u32 flags;			/* 0 */
	__u32 first_cpu;
	__u32 cpu_count;
	__u64 reserved[2];
};

/* The present state of one hook; index from 0 until -ENOENT. */
struct saker_hook_info {
	__u32 size;
	__u32 index;
	char symbol[48];
	char mechanism[16];		/* "direct", "kretprobe", "tracepoint", "none" */
	__u32 attached;
	__s32 error;			/* -errno of the last attempt, or 0 */
	__u64 hits;
	__u64 missed;			/* calls that could not be followed: counted as lost too */
	__u64 events[SAKER_EV_MAX / 64];
	__u64 reserved[2];
};
SAKER_SIZE(saker_hook_info, 176);
SAKER_AT(saker_hook_info, size, 0);
SAKER_AT(saker_hook_info, index, 4);
SAKER_AT(saker_hook_info, symbol, 8);
SAKER_AT(saker_hook_info, mechanism, 56);
SAKER_AT(saker_hook_info, attached, 72);
SAKER_AT(saker_hook_info, error, 76);
SAKER_AT(saker_hook_info, hits, 80);
SAKER_AT(saker_hook_info, missed, 88);
SAKER_AT(saker_hook_info, events, 96);
SAKER_AT(saker_hook_info, reserved, 160);

/*
 * How often an operation of io_uring was used, since it is counted (an event that operations can do
 * too is asked for, or a call of io_uring); opcode: where to look from, and then the first one from
 * there on that was used; -ENOENT after the last. Not those of the process whose events are not
 * written.
 */
struct saker_uring_op {
	__u32 size;
	__u32 opcode;			/* IORING_OP_*, in and out */
	__u64 submitted;
	__u64 refused;			/* invalid, or not allowed */
	__u64 unseen;			/* of submitted: asked for, and no hook saw it */
	__u64 reserved[2];
};
SAKER_SIZE(saker_uring_op, 48);
SAKER_AT(saker_uring_op, size, 0);
SAKER_AT(saker_uring_op, opcode, 4);
SAKER_AT(saker_uring_op, submitted, 8);
SAKER_AT(saker_uring_op, refused, 16);
SAKER_AT(saker_uring_op, unseen, 24);
SAKER_AT(saker_uring_op, reserved, 32);

#define SAKER_IOC_MAGIC 0xB5
#define SAKER_IOC_INFO _IOWR(SAKER_IOC_MAGIC, 0x10, struct saker_info)
#define SAKER_IOC_SETUP _IOW(SAKER_IOC_MAGIC, 0x11, struct saker_setup)
#define SAKER_IOC_EVENTS _IOWR(SAKER_IOC_MAGIC, 0x12, struct saker_events)
#define SAKER_IOC_HOOK _IOWR(SAKER_IOC_MAGIC, 0x13, struct saker_hook_info)
/* Returns the descriptor. */
#define SAKER_IOC_WAITER _IOW(SAKER_IOC_MAGIC, 0x14, struct saker_waiter)
#define SAKER_IOC_URING_OP _IOWR(SAKER_IOC_MAGIC, 0x15, struct saker_uring_op)

/*
 * IORING_OP_URING_CMD, cmd_op SAKER_CMD_WAIT, payload in the SQE's cmd field: completes with 1 as
 * soon as a ring of CPUs first..first+count-1 is ready for draining (at once if one is already),
 * with -ECANCELED when the file is closed. poll() waits likewise for all CPUs.
 */
#define SAKER_CMD_WAIT 0x20
struct saker_cmd_wait {
	__u32 first_cpu;
	__u32 cpu_count;
	__u64 reserved;
};
SAKER_SIZE(saker_cmd_wait, 16);
SAKER_AT(saker_cmd_wait, first_cpu, 0);
SAKER_AT(saker_cmd_wait, cpu_count, 4);
SAKER_AT(saker_cmd_wait, reserved, 8);

#endif
