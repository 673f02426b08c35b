// SPDX-License-Identifier: GPL-2.0-only
/* Paths as the kernel has them: of an open file, of a directory that a name starts from. */
#include <linux/dcache.h>
#include <linux/err.h>
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/fs_struct.h>
#include <linux/magic.h>
#include "../compat/symbol.h"
#include "extract.h"

/* d_absolute_path() is not exported; without it a root directory is not told. */
static void *absolute_path;

void saker_paths_init(void)
{
	absolute_path = saker_symbol("d_absolute_path");
}

static char *whole_path(const struct path *path, char *buf, int len)
{
	return absolute_path ? saker_call_hidden(path, buf, len, absolute_path) : ERR_PTR(-EOPNOTSUPP);
}

#define DELETED " (deleted)"
#define DELETED_LEN (sizeof(DELETED) - 1)

/* d_path() marks what is no longer in its directory by words; the record does it by a flag. */
static u16 strip_deleted(const struct path *path, const char *text, u32 *len)
{
	if (likely(!d_unlinked(path->dentry) && !IS_ROOT(path->dentry)))
		return 0;
	if (*len <= DELETED_LEN || memcmp(text + *len - DELETED_LEN, DELETED, DELETED_LEN))
		return 0;
	*len -= DELETED_LEN;
	return SAKER_BLOB_DELETED;
}

/*
 * A path that is too long for the buffer: the longest of its ancestors, found by climbing twice as far each time, that
 * is not. What stands first in a path says most, so it is the end that is cut off.
 */
static void put_ancestor(struct saker_out *out, unsigned int slot, const struct path *path)
{
	char *buf = saker_out_scratch(out);
	struct path at = { .mnt = path->mnt, .dentry = dget(path->dentry) };
	unsigned int step, i;
	char *text = NULL;

	for (step = 1; step <= PATH_MAX && IS_ERR_OR_NULL(text); step *= 2) {
		for (i = 0; i < step && !IS_ROOT(at.dentry); i++) {
			struct dentry *parent = dget_parent(at.dentry);

			dput(at.dentry);
			at.dentry = parent;
		}
		text = d_path(&at, buf, SAKER_SCRATCH);
	}
	dput(at.dentry);
	if (IS_ERR_OR_NULL(text))
		saker_out_absent(out, slot, SAKER_BLOB_TRUNCATED);
	else
		saker_out_blob(out, slot, text, buf + SAKER_SCRATCH - 1 - text, SAKER_BLOB_TRUNCATED);
}

void saker_put_path(struct saker_out *out, unsigned int slot, const struct path *path)
{
	char *buf = saker_out_scratch(out);
	char *text = d_path(path, buf, SAKER_SCRATCH);
	u16 flags;
	u32 len;

	if (IS_ERR(text)) {
		put_ancestor(out, slot, path);
		return;
	}
	len = buf + SAKER_SCRATCH - 1 - text;
	flags = strip_deleted(path, text, &len);
	saker_out_blob(out, slot, text, len, flags);
}

void saker_put_cwd(struct saker_out *out, unsigned int slot)
{
	struct path pwd;

	if (unlikely(!current->fs)) {
		saker_out_absent(out, slot, SAKER_BLOB_ABSENT);
		return;
	}
	get_fs_pwd(current->fs, &pwd);
	saker_put_path(out, slot, &pwd);
	path_put(&pwd);
}

/* Where the task's root directory is in its mount namespace, if that is not the top of it: a chroot. */
void saker_put_root(struct saker_out *out, unsigned int slot)
{
	char *buf = saker_out_scratch(out);
	struct path root;
	char *text;

	get_fs_root(current->fs, &root);
	text = whole_path(&root, buf, SAKER_SCRATCH);
	path_put(&root);
	if (IS_ERR(text) || !strcmp(text, "/"))
		saker_out_absent(out, slot, SAKER_BLOB_ABSENT);
	else
		saker_out_blob(out, slot, text, buf + SAKER_SCRATCH - 1 - text, 0);
}

void saker_put_base(struct saker_out *out, unsigned int slot, int dirfd)
{
	struct file *file;

	if (dirfd == AT_FDCWD) {
		saker_put_cwd(out, slot);
		return;
	}
	file = fget_raw(dirfd);
	if (!file) {
		saker_out_absent(out, slot, SAKER_BLOB_ABSENT);
		return;
	}
	saker_put_path(out, slot, &file->f_path);
	fput(file);
}
