/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Functions that are not exported: saker_symbol() returns the address of one, or NULL. A kprobe
 * that is registered for a moment and not armed knows it (perhaps past an endbr, aecf489f2ba5).
 * Call it through saker_call_hidden() only.
 */
#ifndef SAKER_COMPAT_SYMBOL_H
#define SAKER_COMPAT_SYMBOL_H

#include <linux/kprobes.h>

#ifdef CONFIG_X86_64
void *saker_call_hidden(const void *a, void *b, long c, void *function);

static inline void *saker_symbol(const char *name)
{
	struct kprobe kp = { .symbol_name = name, .flags = KPROBE_FLAG_DISABLED };
	void *at;

	if (register_kprobe(&kp))
		return NULL;
	at = kp.addr;
	unregister_kprobe(&kp);
	return at;
}
#else
static inline void *saker_call_hidden(const void *a, void *b, long c, void *function)
{
	return NULL;
}

static inline void *saker_symbol(const char *name)
{
	return NULL;
}
#endif

#endif
