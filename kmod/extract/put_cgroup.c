// SPDX-License-Identifier: GPL-2.0-only
/*
 * The control group that a task is in: that of the unified hierarchy; where it is not used, of the
 * first controller that has the task outside its root.
 */
#include <linux/percpu.h>
#include "extract.h"
#include "task.h"

/*
 * The group whose path was last made on this CPU. A group of the unified hierarchy cannot be
 * renamed, and no id is used twice, so its path stays true. Belongs to the record being written.
 */
struct known_path {
	u64 id;
	u16 len;
	char text[246];
};
static_assert(sizeof(struct known_path) == 256);

static DEFINE_PER_CPU(struct known_path, known_paths);

static void put_made(struct saker_out *out, struct cgroup *cgroup, struct known_path *keep)
{
	char *buf = saker_out_scratch(out);
	int len = cgroup_path(cgroup, buf, SAKER_SCRATCH);

	if (len < 0 || len >= SAKER_SCRATCH) {
		saker_out_absent(out, SAKER_P_exec_cgroup, SAKER_BLOB_TRUNCATED);
		return;
	}
	if (keep && len <= sizeof(keep->text)) {
		keep->id = cgroup_id(cgroup);
		keep->len = len;
		memcpy(keep->text, buf, len);
	}
	saker_out_blob(out, SAKER_P_exec_cgroup, buf, len, 0);
}

static void put_unified(struct saker_out *out, struct cgroup *cgroup)
{
	struct known_path *known = this_cpu_ptr(&known_paths);

	if (known->id == cgroup_id(cgroup))
		saker_out_blob(out, SAKER_P_exec_cgroup, known->text, known->len, 0);
	else
		put_made(out, cgroup, known);
}

/* The first group that is not the root of its hierarchy, or NULL. */
static struct cgroup *controller_group(struct task_struct *task)
{
	struct cgroup *cgroup;
	unsigned int i;

	for (i = 0; i < CGROUP_SUBSYS_COUNT; i++) {
		cgroup = task_css_check(task, i, true)->cgroup;
		if (cgroup_parent(cgroup))
			return cgroup;
	}
	return NULL;
}

void saker_put_cgroup(struct saker_out *out, struct task_struct *task)
{
	struct cgroup *cgroup;

	rcu_read_lock();
	cgroup = saker_cgroup(task);
	saker_out_u64(out, SAKER_P_exec_cgroup_id, cgroup_id(cgroup));
	if (cgroup_parent(cgroup)) {
		put_unified(out, cgroup);
	} else {
		cgroup = controller_group(task);
		if (cgroup)
			put_made(out, cgroup, NULL);
		else
			saker_out_blob(out, SAKER_P_exec_cgroup, "/", 1, 0);
	}
	rcu_read_unlock();
}
