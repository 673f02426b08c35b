// SPDX-License-Identifier: GPL-2.0-only
/* setuid and its relatives: what was asked, and the caller's credentials afterwards. */
#include <linux/cred.h>
#include <linux/uidgid.h>
#include "extract.h"
#include "task.h"

#define NOT_ASKED ((u32)-1)

/* No padding: two of them are compared as bytes. */
static_assert(sizeof(struct saker_ids) == 6 * sizeof(u32) + 3 * sizeof(u64));

/* The initial user namespace maps each number to itself. */
void saker_ids_read(struct saker_ids *ids)
{
	const struct cred *cred = current_cred();

	*ids = (struct saker_ids){
		.uid = __kuid_val(cred->uid),
		.euid = __kuid_val(cred->euid),
		.suid = __kuid_val(cred->suid),
		.gid = __kgid_val(cred->gid),
		.egid = __kgid_val(cred->egid),
		.sgid = __kgid_val(cred->sgid),
		.inheritable = saker_caps(cred->cap_inheritable),
		.permitted = saker_caps(cred->cap_permitted),
		.effective = saker_caps(cred->cap_effective),
	};
}

void saker_ids_enter(struct saker_call *call)
{
	saker_ids_read(&call->ids);
}

static void write_cred(struct saker_call *call, unsigned int nargs, long ret)
{
	const u16 event = call->sys->event;
	struct saker_out out;
	struct saker_ids ids;
	unsigned int i;

	saker_ids_read(&ids);
	if (!saker_begin_change(&out, event, SAKER_P_cred_cap_effective + 1,
				memcmp(&ids, &call->ids, sizeof(ids))))
		return;
	for (i = 0; i < 3; i++)
		saker_out_u64(&out, SAKER_P_cred_arg0 + i,
			      i < nargs ? (u32)saker_arg(call, i) : NOT_ASKED);
	saker_out_u64(&out, SAKER_P_cred_uid, ids.uid);
	saker_out_u64(&out, SAKER_P_cred_euid, ids.euid);
	saker_out_u64(&out, SAKER_P_cred_suid, ids.suid);
	saker_out_u64(&out, SAKER_P_cred_gid, ids.gid);
	saker_out_u64(&out, SAKER_P_cred_egid, ids.egid);
	saker_out_u64(&out, SAKER_P_cred_sgid, ids.sgid);
	saker_out_u64(&out, SAKER_P_cred_cap_inheritable, ids.inheritable);
	saker_out_u64(&out, SAKER_P_cred_cap_permitted, ids.permitted);
	saker_out_u64(&out, SAKER_P_cred_cap_effective, ids.effective);
	saker_out_end(&out, ret);
}

static void one_leave(struct saker_call *call, long ret)
{
	write_cred(call, 1, ret);
}

static void two_leave(struct saker_call *call, long ret)
{
	write_cred(call, 2, ret);
}

static void three_leave(struct saker_call *call, long ret)
{
	write_cred(call, 3, ret);
}

/* User numbers of 16 bits: 32-bit programs still have these calls. */
#define OLD(_name, _event, _leave)						\
	{ .name = _name, .event = SAKER_EV_##_event, .flags = SAKER_CALL_ONLY_32, \
	  .keep = SAKER_KEEP_IDS, .enter = saker_ids_enter, .leave = _leave,		\
	  .ids16 = BIT(0) | BIT(1) | BIT(2) }

const struct saker_syscall saker_cred_calls[] = {
	{ "setuid", SAKER_EV_setuid, 0, SAKER_KEEP_IDS, saker_ids_enter, one_leave },
	OLD("setuid16", setuid, one_leave),
	{ "setgid", SAKER_EV_setgid, 0, SAKER_KEEP_IDS, saker_ids_enter, one_leave },
	OLD("setgid16", setgid, one_leave),
	{ "setreuid", SAKER_EV_setreuid, 0, SAKER_KEEP_IDS, saker_ids_enter, two_leave },
	OLD("setreuid16", setreuid, two_leave),
	{ "setregid", SAKER_EV_setregid, 0, SAKER_KEEP_IDS, saker_ids_enter, two_leave },
	OLD("setregid16", setregid, two_leave),
	{ "setresuid", SAKER_EV_setresuid, 0, SAKER_KEEP_IDS, saker_ids_enter, three_leave },
	OLD("setresuid16", setresuid, three_leave),
	{ "setresgid", SAKER_EV_setresgid, 0, SAKER_KEEP_IDS, saker_ids_enter, three_leave },
	OLD("setresgid16", setresgid, three_leave),
	{}
};
