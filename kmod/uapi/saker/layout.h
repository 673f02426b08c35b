/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * The layout of a structure, stated beside it and checked by each compiler that includes it:
 * module, programs and eBPF of different versions read each other's structures.
 */
#ifndef SAKER_UAPI_LAYOUT_H
#define SAKER_UAPI_LAYOUT_H

#ifdef __cplusplus
#define SAKER_LAYOUT(holds) static_assert(holds, #holds)
#else
#define SAKER_LAYOUT(holds) _Static_assert(holds, #holds)
#endif

#define SAKER_SIZE(tag, bytes) SAKER_LAYOUT(sizeof(struct tag) == (bytes))
#define SAKER_AT(tag, member, offset) \
	SAKER_LAYOUT(__builtin_offsetof(struct tag, member) == (offset))

#endif
