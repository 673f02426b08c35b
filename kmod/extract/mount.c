// SPDX-License-Identifier: GPL-2.0-only
/* mount, umount2. */
#include <linux/fcntl.h>
#include "extract.h"

enum { DEV, DIR, TYPE };	/* the names of the call */

static void mount_enter(struct saker_call *call)
{
	saker_slot_take(call);
	saker_name_enter(call, DEV, 0);
	saker_name_enter(call, DIR, 1);
	saker_name_enter(call, TYPE, 2);
}

static void umount_enter(struct saker_call *call)
{
	saker_slot_take(call);
	saker_name_enter(call, 0, 0);
}

/* No device or no type is a null pointer. */
static void put_optional(struct saker_out *out, unsigned int slot, struct saker_call *call,
			 unsigned int which, unsigned int arg)
{
	if (saker_arg(call, arg))
		saker_name_put(out, slot, call, which, arg);
	else
		saker_out_absent(out, slot, SAKER_BLOB_ABSENT);
}

static void put_dir(struct saker_out *out, struct saker_call *call, unsigned int which,
		    unsigned int arg)
{
	saker_name_put(out, SAKER_P_mount_dir, call, which, arg);
	saker_put_base(out, SAKER_P_mount_base, call, which, AT_FDCWD);
	saker_put_seen(out, SAKER_P_mount_path, call, 0);
}

static void mount_leave(struct saker_call *call, long ret)
{
	struct saker_out out;

	if (!saker_out_begin(&out, SAKER_LANE_EVENT, call->sys->event, SAKER_P_mount_path + 1,
			     5 * PATH_MAX))
		return;
	put_optional(&out, SAKER_P_mount_dev, call, DEV, 0);
	put_optional(&out, SAKER_P_mount_type, call, TYPE, 2);
	put_dir(&out, call, DIR, 1);
	saker_out_u64(&out, SAKER_P_mount_flags, saker_arg(call, 3));
	saker_out_end(&out, ret);
}

static void write_umount(struct saker_call *call, u32 flags, long ret)
{
	struct saker_out out;

	if (!saker_out_begin(&out, SAKER_LANE_EVENT, call->sys->event, SAKER_P_mount_path + 1,
			     3 * PATH_MAX))
		return;
	saker_out_absent(&out, SAKER_P_mount_dev, SAKER_BLOB_ABSENT);
	saker_out_absent(&out, SAKER_P_mount_type, SAKER_BLOB_ABSENT);
	put_dir(&out, call, 0, 0);
	saker_out_u64(&out, SAKER_P_mount_flags, flags);
	saker_out_end(&out, ret);
}

static void umount_leave(struct saker_call *call, long ret)
{
	write_umount(call, saker_arg(call, 1), ret);
}

/* Its predecessor, which 32-bit programs still have. */
static void oldumount_leave(struct saker_call *call, long ret)
{
	write_umount(call, 0, ret);
}

const struct saker_syscall saker_mount_calls[] = {
	{ "mount", SAKER_EV_mount, SAKER_CALL_SLOT, SAKER_KEEP_NAME, mount_enter, mount_leave },
	{ "umount", SAKER_EV_umount2, SAKER_CALL_SLOT, SAKER_KEEP_NAME,
	  umount_enter, umount_leave },
	{ "oldumount", SAKER_EV_umount, SAKER_CALL_SLOT | SAKER_CALL_ONLY_32, SAKER_KEEP_NAME,
	  umount_enter, oldumount_leave },
	{}
};
