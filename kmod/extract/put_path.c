// SPDX-License-Identifier: GPL-2.0-only
/* Paths as the kernel has them: of an open file, of a directory that a name starts from. */
#include <linux/dcache.h>
#include <linux/err.h>
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/fs_struct.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include "../compat/symbol.h"
#include "extract.h"

/*
 * d_absolute_path() is not exported; without it root directories are not reported, and paths begin
 * at the task's root directory.
 */
static void *absolute_path;

/*
 * The kernel's lock of all mounts, of which only the sequence is read; it is not exported either.
 * NULL: the path of a mount is made each time.
 */
static seqlock_t *mounts;

void saker_paths_init(void)
{
	void *find = saker_symbol("kallsyms_lookup_name");

	absolute_path = saker_symbol("d_absolute_path");
	mounts = find ? saker_call_hidden("mount_lock", NULL, 0, find) : NULL;
}

static char *whole_path(const struct path *path, char *buf, int len)
{
	return absolute_path ? saker_call_hidden(path, buf, len, absolute_path) :
			       ERR_PTR(-EOPNOTSUPP);
}

#define DELETED " (deleted)"
#define DELETED_LEN (sizeof(DELETED) - 1)

/* d_path() appends words to a file that is no longer in its directory; the record has a flag. */
static char *strip_deleted(const struct path *path, char *text, char *end, u16 *flags)
{
	int len = end - text - DELETED_LEN;

	if (likely(!d_unlinked(path->dentry) && !IS_ROOT(path->dentry)))
		return text;
	if (len <= 0 || memcmp(text + len, DELETED, DELETED_LEN))
		return text;
	*flags |= SAKER_BLOB_DELETED;
	return memmove(text + DELETED_LEN, text, len);
}

/* A pipe, a memfd: in no directory. d_path() makes up a name. */
static bool is_nowhere(const struct path *path)
{
	const struct dentry *at = path->dentry;

	return (IS_ROOT(at) && at != path->mnt->mnt_root) || (at->d_op && at->d_op->d_dname);
}

char *saker_path_text(const struct path *path, char *buf, int len, u16 *flags)
{
	char *text;

	*flags = 0;
	if (unlikely(is_nowhere(path) || !absolute_path)) {
		text = d_path(path, buf, len);
		return IS_ERR(text) ? text : strip_deleted(path, text, buf + len - 1, flags);
	}
	if (unlikely(d_unlinked(path->dentry)))
		*flags |= SAKER_BLOB_DELETED;
	text = whole_path(path, buf, len);
	if (likely(text != ERR_PTR(-EINVAL)))
		return text;
	*flags |= SAKER_BLOB_UNREACHABLE;
	return dentry_path_raw(path->dentry, buf, len);
}

/* The task's root directory now; only for comparing, not to be dereferenced. */
static struct path root_of(struct fs_struct *fs)
{
	struct path root;
	unsigned int seq;

	do {
		seq = read_seqcount_begin(&fs->seq);
		root = fs->root;
	} while (read_seqcount_retry(&fs->seq, seq));
	return root;
}

/*
 * The first process shares its directories with the kernel's own threads, whose structure is never
 * freed. Its root directory is the host's.
 */
static bool is_host_root(const struct path *root)
{
	const struct path host = root_of(init_task.fs);

	return path_equal(&host, root);
}

/*
 * struct known_root - the root directory that was found last on this CPU to be a mount's top
 * @mount_seq:	no mount has changed while this is the kernel's: so @root is not another one
 * @top:	it is the top of its mount namespace, too
 *
 * Belongs to the record being written.
 */
struct known_root {
	struct path root;
	unsigned int mount_seq;
	bool top;
};

static DEFINE_PER_CPU(struct known_root, known_roots);

/* The caller holds no reference to @root: rcu_read_lock() keeps it in memory. */
static bool is_mounts_top(const struct path *root, char *buf)
{
	struct known_root *known = this_cpu_ptr(&known_roots);
	unsigned int seq = mounts ? read_seqbegin(mounts) : 0;
	const char *text;
	bool top;

	if (mounts && path_equal(&known->root, root) && known->mount_seq == seq)
		return known->top;
	text = whole_path(root, buf, SAKER_SCRATCH);
	top = IS_ERR(text) || !text[1];
	if (mounts && !read_seqretry(mounts, seq))
		*known = (struct known_root){ .root = *root, .mount_seq = seq, .top = top };
	return top;
}

/*
 * Is the task's root directory, stored in @root, the top of its mount namespace, rather than a
 * chroot's? The record's scratch buffer is @buf.
 */
static bool is_at_top(struct path *root, char *buf)
{
	bool top;

	rcu_read_lock();
	*root = root_of(current->fs);
	top = likely(is_host_root(root)) ||
	      (root->dentry == root->mnt->mnt_root && is_mounts_top(root, buf));
	rcu_read_unlock();
	return top || !absolute_path;
}

/*
 * Write the names from @top down to @at, all in one mount, so that they end at @end. Returns where
 * they begin, or NULL: @top is not above @at, or there was a rename meanwhile.
 *
 * As in d_path(), RCU keeps entries and names in memory, and rename_lock, by @seq, says whether all
 * of it was valid at one moment. That is checked at each name too: only then do the name and its
 * length belong together, and the copy stays within bounds.
 */
static char *names_between(const struct dentry *top, const struct dentry *at, const char *begin,
			   char *end, unsigned int seq)
{
	while (at != top) {
		const struct dentry *parent = READ_ONCE(at->d_parent);
		const unsigned char *name = READ_ONCE(at->d_name.name);
		unsigned int len = READ_ONCE(at->d_name.len);

		if (unlikely(need_seqretry(&rename_lock, seq) || at == parent ||
			     len >= end - begin))
			return NULL;
		end -= len;
		memcpy(end, name, len);
		*--end = '/';
		at = parent;
	}
	return end;
}

/*
 * struct known_top - the mount whose top's path was made last on this CPU
 * @mnt:	NULL: none yet; only for comparing, like @root
 * @root:	the task's root directory, where the path begins
 * @mount_seq, @rename_seq: no mount and no name has changed while these are the kernel's: so @mnt
 *		is not another one at the same address either. Nor is @root: a directory above a
 *		mount's place is older than the mount, and another one does not matter.
 *
 * Belongs to the record being written.
 */
struct known_top {
	struct vfsmount *mnt;
	struct path root;
	unsigned int mount_seq;
	unsigned int rename_seq;
	u16 len;
	char text[214];
};
static_assert(sizeof(struct known_top) == 248);

static DEFINE_PER_CPU(struct known_top, known_tops);

/* Write the path made last before @text; NULL: it is not that of @mnt. */
static char *known_path(struct vfsmount *mnt, const struct path *root, char *buf, char *text,
			unsigned int rename_seq)
{
	const struct known_top *known = this_cpu_ptr(&known_tops);

	if (known->mnt != mnt || !path_equal(&known->root, root) ||
	    known->rename_seq != rename_seq || known->len > text - buf ||
	    known->mount_seq != read_seqbegin(mounts))
		return NULL;
	return memcpy(text - known->len, known->text, known->len);
}

/* If it was true at one moment, and is short enough. */
static void remember(struct vfsmount *mnt, const struct path *root, const char *text, int len,
		     unsigned int mount_seq, unsigned int rename_seq)
{
	struct known_top *known = this_cpu_ptr(&known_tops);

	if (len > sizeof(known->text) || read_seqretry(mounts, mount_seq) ||
	    read_seqretry(&rename_lock, rename_seq))
		return;
	known->mnt = mnt;
	known->root = *root;
	known->mount_seq = mount_seq;
	known->rename_seq = rename_seq;
	known->len = len;
	memcpy(known->text, text, len);
}

/*
 * Write the path of the mount's top before @text, which is not empty; @whole: from the top of the
 * mount namespace on.
 */
static char *mount_path(struct vfsmount *mnt, const struct path *root, bool whole, char *buf,
			char *text, unsigned int rename_seq)
{
	const struct path top = { .mnt = mnt, .dentry = mnt->mnt_root };
	unsigned int mount_seq = 0;
	char *prefix;

	if (mounts) {
		prefix = known_path(mnt, root, buf, text, rename_seq);
		if (likely(prefix))
			return prefix;
		mount_seq = read_seqbegin(mounts);
	}
	if (unlikely(d_unlinked(top.dentry)))
		return NULL;
	prefix = whole ? whole_path(&top, buf, text - buf + 1) :
			 d_path(&top, buf, text - buf + 1);
	if (IS_ERR(prefix))
		return NULL;
	*text = '/';		/* where the NUL is put */
	if (prefix[1] == '/')
		prefix = text;
	if (mounts && whole)	/* d_path() does not fail if the mount is in no namespace */
		remember(mnt, root, prefix, text - prefix, mount_seq, rename_seq);
	return prefix;
}

/*
 * The same as d_path(), faster, for an entry that is still in its directory: nothing is appended,
 * and only the path of a mount that is neither that of the task's root nor known has to be made.
 * NULL: the case is not so simple. @whole: @root is the top of the mount namespace.
 */
static char *plain_path(const struct path *path, const struct path *root, bool whole, char *buf,
			char *end)
{
	const struct dentry *at = path->dentry;
	bool rooted = path->mnt == root->mnt;
	unsigned int seq;
	char *text;

	if (d_unlinked(at) || IS_ROOT(at) || (at->d_op && at->d_op->d_dname))
		return NULL;
	rcu_read_lock();
	seq = read_seqbegin(&rename_lock);
	text = names_between(rooted ? root->dentry : path->mnt->mnt_root, at, buf, end, seq);
	if (text && !rooted && text != end)
		text = mount_path(path->mnt, root, whole, buf, text, seq);
	if (text == end || read_seqretry(&rename_lock, seq))
		text = NULL;
	rcu_read_unlock();
	return text;
}

/*
 * A bound on the walk: no path that fits into PATH_MAX has more names. A deeper entry gets no text.
 */
#define DEPTH_MAX PATH_MAX

/*
 * The bytes that the names from @at up to @top take, each with a slash; -1 if @top is not above
 * @at, or too far. As for names_between(), the caller holds RCU and has @seq of rename_lock.
 */
static int names_bytes(const struct dentry *top, const struct dentry *at, unsigned int seq)
{
	unsigned int depth;
	int bytes = 0;

	for (depth = 0; depth < DEPTH_MAX; depth++) {
		const struct dentry *parent = READ_ONCE(at->d_parent);

		if (at == top)
			return bytes;
		if (at == parent || need_seqretry(&rename_lock, seq))
			return -1;
		bytes += READ_ONCE(at->d_name.len) + 1;
		at = parent;
	}
	return -1;
}

/*
 * Write the names from @top on at @buf, as many as fit into @room. Returns their end, or NULL. The
 * first walk finds out how many names at the end have to be left out, the second leaves them out.
 */
static char *walk_first_names(const struct dentry *top, const struct dentry *at, char *buf,
			      int room, unsigned int seq)
{
	int bytes = names_bytes(top, at, seq);

	while (bytes > room) {
		int len = READ_ONCE(at->d_name.len) + 1;

		if (need_seqretry(&rename_lock, seq) || len > bytes)
			return NULL;
		bytes -= len;
		at = READ_ONCE(at->d_parent);
	}
	if (bytes < 0 || names_between(top, at, buf, buf + bytes, seq) != buf)
		return NULL;
	return buf + bytes;
}

/* If there was a rename meanwhile, try again with the lock that excludes renames. */
static char *first_names(const struct dentry *top, const struct dentry *at, char *buf, int room)
{
	int seq = 0;
	char *end;

	for (;;) {
		read_seqbegin_or_lock(&rename_lock, &seq);
		rcu_read_lock();
		end = walk_first_names(top, at, buf, room, seq);
		rcu_read_unlock();
		if (!need_seqretry(&rename_lock, seq))
			break;
		seq = 1;
	}
	done_seqretry(&rename_lock, seq);
	return end;
}

/*
 * The same below the mount's top, whose path is made by d_path() or, @whole, from the top of the
 * mount namespace on; a mount that is in none has no path. Not under rename_lock: d_path() takes
 * mount_lock first, and rename_lock inside it.
 */
static char *names_below_mount(const struct path *path, bool whole, char *buf)
{
	const struct path top = { .mnt = path->mnt, .dentry = path->mnt->mnt_root };
	char *text = whole ? whole_path(&top, buf, SAKER_SCRATCH) :
			     d_path(&top, buf, SAKER_SCRATCH);
	int len = 0;

	if (IS_ERR(text) && text != ERR_PTR(-EINVAL))
		return NULL;
	if (!IS_ERR(text) && text[1]) {
		len = buf + SAKER_SCRATCH - 1 - text;
		memmove(buf, text, len);
	}
	return first_names(top.dentry, path->dentry, buf + len, SAKER_SCRATCH - 1 - len);
}

/*
 * A path that is too long for the buffer: as many names from @root on as fit, because the first
 * ones say most. No reference is taken: dropping the last one may sleep.
 */
static void put_ancestor(struct saker_out *out, unsigned int slot, const struct path *path,
			 const struct path *root, bool whole, u16 flags)
{
	char *buf = saker_out_scratch(out), *end = NULL;

	if (path->mnt == root->mnt)
		end = first_names(root->dentry, path->dentry, buf, SAKER_SCRATCH - 1);
	if (!end)
		end = names_below_mount(path, whole, buf);
	flags |= SAKER_BLOB_TRUNCATED;
	if (end)
		saker_out_blob(out, slot, buf, end - buf, flags);
	else
		saker_out_absent(out, slot, flags);
}

/* @text ends where the scratch buffer ends; or it is an error: too long. */
static void put_text(struct saker_out *out, unsigned int slot, const char *text, u16 flags)
{
	saker_out_blob(out, slot, text, saker_out_scratch(out) + SAKER_SCRATCH - 1 - text, flags);
}

void saker_put_path(struct saker_out *out, unsigned int slot, const struct path *path)
{
	char *buf = saker_out_scratch(out), *text = NULL;
	struct path root;
	u16 flags = 0;

	if (likely(is_at_top(&root, buf)))
		text = plain_path(path, &root, absolute_path, buf, buf + SAKER_SCRATCH - 1);
	else
		root = (struct path){};
	if (unlikely(!text))
		text = saker_path_text(path, buf, SAKER_SCRATCH, &flags);
	if (IS_ERR(text))
		put_ancestor(out, slot, path, &root, absolute_path, flags);
	else
		put_text(out, slot, text, flags);
}

/* From the task's root directory on, as the task itself would name it. */
static void put_as_named(struct saker_out *out, unsigned int slot, const struct path *path)
{
	const struct path root = root_of(current->fs);
	char *buf = saker_out_scratch(out), *end = buf + SAKER_SCRATCH - 1;
	char *text = plain_path(path, &root, false, buf, end);
	u16 flags = 0;

	if (!text) {
		text = d_path(path, buf, SAKER_SCRATCH);
		if (IS_ERR(text)) {
			put_ancestor(out, slot, path, &root, false, 0);
			return;
		}
		text = strip_deleted(path, text, end, &flags);
	}
	put_text(out, slot, text, flags);
}

/* Under the lock of the task's directories no reference is needed; dropping one might sleep. */
void saker_put_cwd(struct saker_out *out, unsigned int slot)
{
	struct fs_struct *fs = current->fs;

	if (unlikely(!fs)) {
		saker_out_absent(out, slot, SAKER_BLOB_ABSENT);
		return;
	}
	spin_lock(&fs->lock);
	put_as_named(out, slot, &fs->pwd);
	spin_unlock(&fs->lock);
}

/*
 * The path of the task's root directory in its mount namespace, unless it is the top: a chroot.
 * Most tasks have the host's, for which no path need be made.
 */
void saker_put_root(struct saker_out *out, unsigned int slot)
{
	struct fs_struct *fs = current->fs;
	const struct path root = root_of(fs);
	char *buf = saker_out_scratch(out);
	char *text;

	if (is_host_root(&root)) {
		saker_out_absent(out, slot, SAKER_BLOB_ABSENT);
		return;
	}
	spin_lock(&fs->lock);
	text = whole_path(&fs->root, buf, SAKER_SCRATCH);
	spin_unlock(&fs->lock);
	if (IS_ERR(text) || !strcmp(text, "/"))
		saker_out_absent(out, slot, SAKER_BLOB_ABSENT);
	else
		saker_out_blob(out, slot, text, buf + SAKER_SCRATCH - 1 - text, 0);
}

void saker_put_fd_path(struct saker_out *out, unsigned int slot, int dirfd)
{
	struct file *file;
	bool counted;

	if (dirfd == AT_FDCWD) {
		saker_put_cwd(out, slot);
		return;
	}
	file = saker_file_get(dirfd, &counted);
	if (!file) {
		saker_out_absent(out, slot, SAKER_BLOB_ABSENT);
		return;
	}
	put_as_named(out, slot, &file->f_path);
	saker_file_put(file, counted);
}
