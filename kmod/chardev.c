// SPDX-License-Identifier: GPL-2.0-only
/* The device: saker/ioctl.h and saker/ring.h say what it does. */
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/log2.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/nospec.h>
#include <linux/sizes.h>
#include <linux/threads.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include <saker/ioctl.h>
#include <saker/version.h>
#ifdef SAKER_HAVE_URING_CMD
#include "compat/uring.h"
#endif
#include "chardev.h"
#include "hook.h"
#include "ring.h"
#include "wait.h"

static DEFINE_MUTEX(device_mutex);	/* protects: the consumer, hooks */

/*
 * Written under device_mutex, with release once the rings exist. They exist until this file is
 * released, so a call on this file needs no lock to use them.
 */
static struct file *consumer;

/* Pairs with [device-consumer]. */
static bool is_consumer(const struct file *file)
{
	return smp_load_acquire(&consumer) == file;	/* pairs with [device-consumer] */
}

static bool any_set(const u64 *words, unsigned int n)
{
	while (n--)
		if (words[n])
			return true;
	return false;
}

/*
 * Read an argument that begins with its size. *@size is set to the caller's size; members that the
 * caller does not have read as 0, and bytes that we do not know must be 0.
 */
static int get_argument(void *to, u32 known, const void __user *from, u32 *size)
{
	int err;

	if (get_user(*size, (const u32 __user *)from))
		return -EFAULT;
	if (*size < known)
		return -EINVAL;
	if (*size > PAGE_SIZE)
		return -E2BIG;
	err = copy_struct_from_user(to, known, from, *size);
	if (err)
		return err;
	*(u32 *)to = known;	/* it may have changed meanwhile */
	return 0;
}

static int put_argument(void __user *to, const void *from, u32 known)
{
	return copy_to_user(to, from, known) ? -EFAULT : 0;
}

static u64 features(void)
{
	u64 bits = SAKER_FEAT_IGNORE_SELF | SAKER_FEAT_URING_OPS;

#ifdef SAKER_HAVE_URING_CMD
	bits |= SAKER_FEAT_URING_CMD;
#endif
	if (saker_direct_available())
		bits |= SAKER_FEAT_DIRECT;
	return bits;
}

static int ioctl_info(void __user *arg)
{
	struct saker_info info;
	u32 size;
	int err;

	lockdep_assert_held(&device_mutex);
	err = get_argument(&info, sizeof(info), arg, &size);
	if (err)
		return err;
	memset(&info, 0, sizeof(info));
	info.size = sizeof(info);
	info.abi_major = SAKER_ABI_MAJOR;
	info.abi_minor = SAKER_ABI_MINOR;
	info.features = features();
	info.cpus = nr_cpu_ids;
	info.lanes = SAKER_LANES;
	info.online = num_online_cpus();
	saker_hooks_supported(info.supported);
	strscpy(info.version, SAKER_VERSION, sizeof(info.version));
	return put_argument(arg, &info, sizeof(info));
}

static bool ring_size_ok(u64 bytes)
{
	return is_power_of_2(bytes) && bytes >= max_t(u64, SZ_64K, PAGE_SIZE) && bytes <= SZ_64M;
}

static int ioctl_setup(struct file *file, const void __user *arg)
{
	struct saker_setup setup;
	u64 data_size[SAKER_LANES];
	u32 size;
	int err;

	lockdep_assert_held(&device_mutex);
	err = get_argument(&setup, sizeof(setup), arg, &size);
	if (err)
		return err;
	if (setup.flags || any_set(setup.reserved, ARRAY_SIZE(setup.reserved)))
		return -EINVAL;
	if (!ring_size_ok(setup.life_bytes) || !ring_size_ok(setup.event_bytes))
		return -EINVAL;
	if (consumer)
		return -EBUSY;
	data_size[SAKER_LANE_LIFE] = setup.life_bytes;
	data_size[SAKER_LANE_EVENT] = setup.event_bytes;
	err = saker_rings_alloc(data_size);
	if (err)
		return err;
	saker_wait_start();
	smp_store_release(&consumer, file);	/* [device-consumer]: the rings exist */
	return 0;
}

static int ioctl_events(struct file *file, void __user *arg)
{
	struct saker_events events;
	u32 size;
	int err;

	lockdep_assert_held(&device_mutex);
	err = get_argument(&events, sizeof(events), arg, &size);
	if (err)
		return err;
	if (!is_consumer(file))
		return -ENXIO;
	if (events.flags & ~SAKER_EVENTS_IGNORE_SELF ||
	    any_set(events.partial, ARRAY_SIZE(events.partial)) ||
	    any_set(events.reserved, ARRAY_SIZE(events.reserved)))
		return -EINVAL;
	if (events.wake_bytes > SZ_64M || events.wake_us > USEC_PER_SEC ||
	    events.ignore_pid > PID_MAX_LIMIT)
		return -EINVAL;
	memset(events.missing, 0, sizeof(events.missing));
	if (events.flags & SAKER_EVENTS_IGNORE_SELF)
		events.ignore_pid = current->tgid;
	saker_rings_tune(events.urgent, events.wake_bytes, events.ignore_pid);
	saker_wait_tune(events.wake_us);
	err = saker_hooks_apply(events.asked, events.missing, events.partial);
	if (err)
		return err;
	return put_argument(arg, &events, sizeof(events));
}

static int ioctl_hook(void __user *arg)
{
	struct saker_hook_info info, asked;
	u32 size;
	int err;

	lockdep_assert_held(&device_mutex);
	err = get_argument(&asked, sizeof(asked), arg, &size);
	if (err)
		return err;
	if (any_set(asked.reserved, ARRAY_SIZE(asked.reserved)))
		return -EINVAL;
	memset(&info, 0, sizeof(info));
	info.size = sizeof(info);
	info.index = asked.index;
	err = saker_hooks_info(&info);
	if (err)
		return err;
	return put_argument(arg, &info, sizeof(info));
}

static int ioctl_uring_op(void __user *arg)
{
	struct saker_uring_op next;
	u32 size;
	int err;

	lockdep_assert_held(&device_mutex);
	err = get_argument(&next, sizeof(next), arg, &size);
	if (err)
		return err;
	if (any_set(next.reserved, ARRAY_SIZE(next.reserved)))
		return -EINVAL;
	err = saker_ops_next(&next);
	if (err)
		return err;
	return put_argument(arg, &next, sizeof(next));
}

static int ioctl_waiter(struct file *file, const void __user *arg)
{
	struct saker_waiter waiter;
	u32 size;
	int err;

	err = get_argument(&waiter, sizeof(waiter), arg, &size);
	if (err)
		return err;
	if (waiter.flags || any_set(waiter.reserved, ARRAY_SIZE(waiter.reserved)))
		return -EINVAL;
	if (!is_consumer(file))
		return -ENXIO;
	return saker_waiter_open(file, waiter.first_cpu, waiter.cpu_count);
}

/*
 * Dispatch on the number alone: the command also encodes a size, which is the caller's and may
 * differ from ours; the argument repeats it.
 */
static long saker_ioctl(struct file *file, unsigned int cmd, unsigned long address)
{
	void __user *arg = (void __user *)address;
	long ret;

	if (_IOC_TYPE(cmd) != SAKER_IOC_MAGIC)
		return -ENOTTY;
	if (mutex_lock_killable(&device_mutex))
		return -EINTR;
	switch (_IOC_NR(cmd)) {
	case _IOC_NR(SAKER_IOC_INFO):
		ret = ioctl_info(arg);
		break;
	case _IOC_NR(SAKER_IOC_SETUP):
		ret = ioctl_setup(file, arg);
		break;
	case _IOC_NR(SAKER_IOC_EVENTS):
		ret = ioctl_events(file, arg);
		break;
	case _IOC_NR(SAKER_IOC_HOOK):
		ret = ioctl_hook(arg);
		break;
	case _IOC_NR(SAKER_IOC_URING_OP):
		ret = ioctl_uring_op(arg);
		break;
	case _IOC_NR(SAKER_IOC_WAITER):
		ret = ioctl_waiter(file, arg);
		break;
	default:
		ret = -ENOTTY;
	}
	mutex_unlock(&device_mutex);
	return ret;
}

static int saker_open(struct inode *inode, struct file *file)
{
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	return nonseekable_open(inode, file);
}

/* The last descriptor, mapping and command are gone. */
static int saker_release(struct inode *inode, struct file *file)
{
	mutex_lock(&device_mutex);
	if (consumer == file) {
		saker_hooks_detach();
		saker_wait_stop();
		saker_rings_free();
		WRITE_ONCE(consumer, NULL);
	}
	mutex_unlock(&device_mutex);
	return 0;
}

/*
 * A process closes a descriptor, or ends. Without this its commands would keep the file open
 * forever.
 */
static int saker_flush(struct file *file, fl_owner_t owner)
{
	if (is_consumer(file))
		saker_command_cancel(owner);
	return 0;
}

static __poll_t saker_poll(struct file *file, poll_table *table)
{
	return is_consumer(file) ? saker_wait_poll(file, table) : EPOLLERR;
}

/* Read only, now and later. */
static int map_ring(struct vm_area_struct *vma, const struct saker_ring *ring)
{
	if (vma->vm_end - vma->vm_start != saker_ring_data(PAGE_SIZE) + 2 * ring->data_size)
		return -EINVAL;
	if (vma->vm_flags & VM_WRITE)
		return -EPERM;
	vm_flags_clear(vma, VM_MAYWRITE);
	return remap_vmalloc_range(vma, ring->head, 0);
}

static int map_tail(struct vm_area_struct *vma, const struct saker_ring *ring)
{
	if (vma->vm_end - vma->vm_start != PAGE_SIZE)
		return -EINVAL;
	return vm_insert_page(vma, vma->vm_start, virt_to_page(ring->tail));
}

static int saker_mmap(struct file *file, struct vm_area_struct *vma)
{
	u64 offset = (u64)vma->vm_pgoff << PAGE_SHIFT;
	u64 index = offset >> SAKER_MMAP_SHIFT;
	u64 cpu = index / (2 * SAKER_LANES);
	const struct saker_ring *ring;

	if (!is_consumer(file))
		return -ENXIO;
	if (!(vma->vm_flags & VM_SHARED) || offset & ((1ull << SAKER_MMAP_SHIFT) - 1) ||
	    cpu >= nr_cpu_ids)
		return -EINVAL;
	cpu = array_index_nospec(cpu, nr_cpu_ids);
	if (!cpu_possible(cpu) || !saker_cpu_ready(cpu))
		return -ENXIO;
	if (vma->vm_flags & VM_EXEC)
		return -EPERM;
	/* A child of the daemon must not keep the rings alive. */
	vm_flags_set(vma, VM_DONTCOPY | VM_DONTEXPAND | VM_DONTDUMP);
	vm_flags_clear(vma, VM_MAYEXEC);
	ring = &per_cpu(saker_cpus, cpu).ring[index / 2 % SAKER_LANES];
	return index % 2 == SAKER_PART_TAIL ? map_tail(vma, ring) : map_ring(vma, ring);
}

#ifdef SAKER_HAVE_URING_CMD
static int saker_uring_cmd(struct io_uring_cmd *cmd, unsigned int issue_flags)
{
	return is_consumer(cmd->file) ? saker_command(cmd, issue_flags) : -ENXIO;
}
#endif

static const struct file_operations operations = {
	.owner = THIS_MODULE,
	.open = saker_open,
	.release = saker_release,
	.flush = saker_flush,
	.unlocked_ioctl = saker_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.mmap = saker_mmap,
	.poll = saker_poll,
#ifdef SAKER_HAVE_URING_CMD
	.uring_cmd = saker_uring_cmd,
#endif
};

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "saker",
	.mode = 0600,
	.fops = &operations,
};

int saker_chardev_init(void)
{
	return misc_register(&device);
}

void saker_chardev_exit(void)
{
	misc_deregister(&device);
}
