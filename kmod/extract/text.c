// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names from the caller's memory. They are read at the call's entry, before another thread has had
 * time to rewrite them; a page that is not in memory then is tried again at the exit, when the
 * kernel has fetched it.
 */
#include <linux/uaccess.h>
#include <asm/word-at-a-time.h>
#include "extract.h"

long saker_read_string(char *to, const char __user *from, long room)
{
	long len;

	pagefault_disable();
	len = strncpy_from_user(to, from, room);
	pagefault_enable();
	return len;
}

/*
 * The same into the call itself, without the check that the kernel may write to the buffer. Where a
 * whole word cannot be read, as at the end of a mapping, it returns -EFAULT although the name may
 * be readable.
 */
static __always_inline long read_words(char *to, const char __user *from)
{
	const struct word_at_a_time constants = WORD_AT_A_TIME_CONSTANTS;
	unsigned long word, zeros;
	long len;

	if (!user_access_begin(from, SAKER_NAME_INLINE))
		return -EFAULT;
	for (len = 0; len < SAKER_NAME_INLINE; len += sizeof(word)) {
		unsafe_get_user(word, (const unsigned long __user *)(from + len), fault);
		*(unsigned long *)(to + len) = word;
		if (has_zero(word, &zeros, &constants)) {
			zeros = prep_zero_mask(word, zeros, &constants);
			len += find_zero(create_zero_mask(zeros));
			break;
		}
	}
	user_access_end();
	return len;
fault:
	user_access_end();
	return -EFAULT;
}

static long read_short(char *to, const char __user *from)
{
	long len;

	pagefault_disable();
	len = read_words(to, from);
	pagefault_enable();
	return likely(len >= 0) ? len : saker_read_string(to, from, SAKER_NAME_INLINE);
}

/*
 * A name that does not fit into the call itself is read into a slot; if no slot is left, it is read
 * at the exit.
 */
static void read_long(struct saker_call *call, unsigned int which, const char __user *from)
{
	char *buf = saker_slot_text(call, which);
	long len = buf ? saker_read_string(buf, from, PATH_MAX) : -EFAULT;

	call->name[which] = (struct saker_text){
		.at = buf,
		.len = len < 0 ? 0 : min_t(long, len, PATH_MAX - 1),
		.flags = len < 0 ? SAKER_BLOB_UNREADABLE :
			 len == PATH_MAX ? SAKER_BLOB_TRUNCATED : 0,
	};
}

void saker_name_enter(struct saker_call *call, unsigned int which, unsigned int arg)
{
	const char __user *from = (const char __user *)saker_arg(call, arg);
	struct saker_text *text = &call->name[which];
	long len = SAKER_NAME_INLINE;

	if (which == 0) {
		len = read_short(call->text, from);
		text->at = call->text;
		text->len = len < 0 ? 0 : len;
		text->flags = len < 0 ? SAKER_BLOB_UNREADABLE : 0;
	}
	if (unlikely(len == SAKER_NAME_INLINE))
		read_long(call, which, from);
}

static void read_again(struct saker_call *call, unsigned int which, unsigned int arg, char *buf)
{
	long len = saker_read_string(buf, (const char __user *)saker_arg(call, arg), PATH_MAX);

	if (len < 0)
		return;
	call->name[which] = (struct saker_text){
		.at = buf,
		.len = min_t(long, len, PATH_MAX - 1),
		.flags = len == PATH_MAX ? SAKER_BLOB_TRUNCATED : 0,
	};
}

void saker_name_put(struct saker_out *out, unsigned int slot, struct saker_call *call,
		    unsigned int which, unsigned int arg)
{
	struct saker_text *text = &call->name[which];

	if (unlikely(text->flags & SAKER_BLOB_UNREADABLE))
		read_again(call, which, arg, saker_out_scratch(out));
	if (unlikely(text->flags & SAKER_BLOB_UNREADABLE))
		saker_out_absent(out, slot, SAKER_BLOB_UNREADABLE);
	else
		saker_out_blob(out, slot, text->at, text->len, text->flags);
}
