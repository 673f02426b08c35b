// SPDX-License-Identifier: GPL-2.0-only
/* setuid and its kin: what was asked, and who the caller is afterwards. */
#include <linux/cred.h>
#include <linux/uidgid.h>
#include "extract.h"
#include "task.h"

#define NOT_ASKED ((u32)-1)

static void write_cred(struct saker_call *call, unsigned int nargs, long ret)
{
	const struct cred *cred = current_cred();
	struct saker_out out;
	unsigned int i;

	if (!saker_out_begin(&out, SAKER_LANE_LIFE, call->sys->event, SAKER_P_cred_cap_effective + 1, 0))
		return;
	for (i = 0; i < 3; i++)
		saker_out_u64(&out, SAKER_P_cred_arg0 + i, i < nargs ? (u32)saker_arg(call, i) : NOT_ASKED);
	saker_out_u64(&out, SAKER_P_cred_uid, from_kuid(&init_user_ns, cred->uid));
	saker_out_u64(&out, SAKER_P_cred_euid, from_kuid(&init_user_ns, cred->euid));
	saker_out_u64(&out, SAKER_P_cred_suid, from_kuid(&init_user_ns, cred->suid));
	saker_out_u64(&out, SAKER_P_cred_gid, from_kgid(&init_user_ns, cred->gid));
	saker_out_u64(&out, SAKER_P_cred_egid, from_kgid(&init_user_ns, cred->egid));
	saker_out_u64(&out, SAKER_P_cred_sgid, from_kgid(&init_user_ns, cred->sgid));
	saker_out_u64(&out, SAKER_P_cred_cap_inheritable, saker_caps(cred->cap_inheritable));
	saker_out_u64(&out, SAKER_P_cred_cap_permitted, saker_caps(cred->cap_permitted));
	saker_out_u64(&out, SAKER_P_cred_cap_effective, saker_caps(cred->cap_effective));
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

/* Of the time when a user was 16 bits; 32-bit programs still have them. */
#define OLD(_name, _event, _leave)								\
	{ .name = _name, .event = SAKER_EV_##_event, .flags = SAKER_CALL_ONLY_32, .keep = SAKER_KEEP_NONE, \
	  .leave = _leave, .ids16 = BIT(0) | BIT(1) | BIT(2) }

const struct saker_syscall saker_cred_calls[] = {
	{ "setuid", SAKER_EV_setuid, 0, SAKER_KEEP_NONE, NULL, one_leave },
	OLD("setuid16", setuid, one_leave),
	{ "setgid", SAKER_EV_setgid, 0, SAKER_KEEP_NONE, NULL, one_leave },
	OLD("setgid16", setgid, one_leave),
	{ "setreuid", SAKER_EV_setreuid, 0, SAKER_KEEP_NONE, NULL, two_leave },
	OLD("setreuid16", setreuid, two_leave),
	{ "setregid", SAKER_EV_setregid, 0, SAKER_KEEP_NONE, NULL, two_leave },
	OLD("setregid16", setregid, two_leave),
	{ "setresuid", SAKER_EV_setresuid, 0, SAKER_KEEP_NONE, NULL, three_leave },
	OLD("setresuid16", setresuid, three_leave),
	{ "setresgid", SAKER_EV_setresgid, 0, SAKER_KEEP_NONE, NULL, three_leave },
	OLD("setresgid16", setresgid, three_leave),
	{}
};
