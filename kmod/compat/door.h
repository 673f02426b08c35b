/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The names of the functions that do system calls, one for each door. A call whose structures
 * differ for 32-bit programs has a function of its own for them, "compat"; the other doors use the
 * same function with other registers.
 */
#ifndef SAKER_COMPAT_DOOR_H
#define SAKER_COMPAT_DOOR_H

#include <linux/kernel.h>
#include <linux/version.h>
#include "../call.h"

#if defined(CONFIG_X86_64)
#define SAKER_NATIVE_PREFIX "__x64_sys_"
#elif defined(CONFIG_ARM64)
#define SAKER_NATIVE_PREFIX "__arm64_sys_"
#endif

/* 83a44a4f47ad (5.18) renamed the option. */
#if defined(CONFIG_X86_X32_ABI) || defined(CONFIG_X86_X32)
#define SAKER_HAVE_X32 1
#else
#define SAKER_HAVE_X32 0
#endif

/* 6cc8d2b286d9 (5.7): since then the function's name says how its arguments are passed. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 7, 0)
#define SAKER_X32_PREFIX "__x64_compat_sys_"
#else
#define SAKER_X32_PREFIX "__x32_compat_sys_"
#endif

static inline void saker_door_symbol(char *symbol, size_t size, enum saker_door door, bool compat,
				     const char *name)
{
	const char *prefix = door == SAKER_DOOR_URING ? "" :
			     door == SAKER_DOOR_NATIVE ? SAKER_NATIVE_PREFIX :
			     door == SAKER_DOOR_X32 ? SAKER_X32_PREFIX :
			     compat ? "__ia32_compat_sys_" : "__ia32_sys_";

	snprintf(symbol, size, "%s%s", prefix, name);
}

#endif
