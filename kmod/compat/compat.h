/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Included before anything else in every file: gives older kernels the newest names. The rest of
 * the module is written for the newest kernel and has no version test.
 */
#ifndef SAKER_COMPAT_H
#define SAKER_COMPAT_H

#ifndef CONFIG_64BIT
#error "Saker needs a 64-bit kernel: positions in rings are read and written in one piece"
#endif

/* Records are written with preemption off, and take locks that sleep on such a kernel. */
#ifdef CONFIG_PREEMPT_RT
#error "Saker does not work on PREEMPT_RT kernels yet"
#endif

#include <linux/cpu.h>
#include <linux/hrtimer.h>
#include <linux/kprobes.h>
#include <linux/mm.h>
#include <linux/net.h>

/* bc292ab00f6c (6.3): flags of a mapping change through functions only */
#ifndef SAKER_HAVE_VM_FLAGS_CLEAR
static inline void vm_flags_set(struct vm_area_struct *vma, unsigned long flags)
{
	vma->vm_flags |= flags;
}

static inline void vm_flags_clear(struct vm_area_struct *vma, unsigned long flags)
{
	vma->vm_flags &= ~flags;
}
#endif

/*
 * For pages that userspace maps. Before 18b2db3b0385 (5.11) the mark of a page charged to a memory
 * cgroup shared a member with the count of its mappings, so such a page could not be mapped.
 */
#ifdef SAKER_HAVE_PAGE_KMEMCG
#define SAKER_GFP_MAPPED GFP_KERNEL
#else
#define SAKER_GFP_MAPPED GFP_KERNEL_ACCOUNT
#endif

#ifndef SAKER_HAVE_GET_KRETPROBE	/* d741bf41d7c7 (5.11) */
static inline struct kretprobe *get_kretprobe(struct kretprobe_instance *ri)
{
	return ri->rp;
}
#endif

/*
 * Calls that a probe missed because another handler was active. Before ec6aba3d2be1 (5.14) each
 * page fault in a handler was counted here too, and handlers that read user memory fault often.
 */
static inline unsigned long saker_kprobe_missed(const struct kprobe *kp)
{
#ifdef SAKER_HAVE_KPROBE_FAULT_HANDLER
	return 0;
#else
	return READ_ONCE(kp->nmissed);
#endif
}

#ifdef SAKER_HAVE_SOCK_FROM_FILE_ERR	/* until dba4a9256bb4 (5.11) */
static inline struct socket *saker_sock_from_file(struct file *file)
{
	int err;

	return sock_from_file(file, &err);
}
#define sock_from_file saker_sock_from_file
#endif

#ifndef SAKER_HAVE_HRTIMER_SETUP	/* 908a1d775422 (6.13) */
static inline void hrtimer_setup(struct hrtimer *timer,
				 enum hrtimer_restart (*function)(struct hrtimer *),
				 clockid_t clock, enum hrtimer_mode mode)
{
	hrtimer_init(timer, clock, mode);
	timer->function = function;
}
#endif

#endif
