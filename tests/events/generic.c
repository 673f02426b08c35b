/* SPDX-License-Identifier: Apache-2.0 */
/* Calls of which only the name is reported, by the 64-bit and by the 32-bit table. All fail, or
 * change nothing: their arguments are wrong, or say what is so already. */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "check.h"
#include "child.h"
#include "int80.h"
#include "rings.h"
#include "tests.h"

#define BAD (-1)

static const struct {
  const char* name;
  uint16_t event;
  long nr, nr32;
  long args[6];
} calls[] = {
#define CALL(name, nr32, ...)                                 \
  {                                                           \
#name, SAKER_EV_##name, SYS_##name, nr32, { __VA_ARGS__ } \
  }
    CALL(acct, 51, 8),
    CALL(add_key, 286, 8, 8, 0, 0, 0),
    CALL(adjtimex, 124, 8),
    CALL(clock_adjtime, 343, 99, 8),
    CALL(clock_settime, 264, 99, 8),
    CALL(clock_settime, 404, 99, 8),
    CALL(fanotify_init, 338, BAD, BAD),
    CALL(fanotify_mark, 339, BAD, BAD, 0, 0, 0, 0),
    CALL(fsmount, 432, BAD, 0, 0),
    CALL(fsopen, 430, 8, 0),
    CALL(fspick, 433, BAD, 8, 0),
    CALL(inotify_add_watch, 292, BAD, 8, 0),
    CALL(ioperm, 101, 0x10000, 1, 0),
    CALL(iopl, 110, 7),
    CALL(ioprio_set, 289, 9, 0, 0),
    CALL(kcmp, 349, 0, 0, 99, 0, 0),
    CALL(kexec_file_load, BAD, BAD, BAD, 0, 0, BAD),
    CALL(kexec_load, 283, 0, 99, 8, 8),
    CALL(setxattr, 226, 8, 8, 8, 0, 0),
    CALL(lsetxattr, 227, 8, 8, 8, 0, 0),
    CALL(fsetxattr, 228, BAD, 8, 8, 0, 0),
    CALL(removexattr, 235, 8, 8),
    CALL(lremovexattr, 236, 8, 8),
    CALL(fremovexattr, 237, BAD, 8),
    CALL(modify_ldt, 123, 99, 0, 0),
    CALL(move_mount, 429, BAD, 8, BAD, 8, 0),
    CALL(name_to_handle_at, 341, BAD, 8, 8, 8, 0),
    CALL(open_tree, 428, BAD, 8, 0),
    CALL(perf_event_open, 336, 8, 0, 0, BAD, 0),
    CALL(personality, 136, BAD),
    CALL(pidfd_send_signal, 424, BAD, 0, 0, 0),
    CALL(pivot_root, 217, 8, 8),
    CALL(process_madvise, 440, BAD, 0, 0, 0, 0),
    CALL(reboot, 88, 0, 0, 0, 0),
    CALL(request_key, 287, 8, 8, 0, 0),
    CALL(rt_sigqueueinfo, 178, 0, 0, 8),
    CALL(rt_tgsigqueueinfo, 335, 0, 0, 0, 8),
    CALL(sched_setaffinity, 241, 0, 8, 8),
    CALL(sched_setattr, 351, 0, 0, 0),
    CALL(sched_setparam, 154, BAD, 0),
    CALL(sched_setscheduler, 156, BAD, 0, 0),
    CALL(setdomainname, 121, 8, BAD),
    CALL(setfsgid, 216, 0),
    CALL(setfsgid, 139, 0),
    CALL(setfsuid, 215, 0),
    CALL(setfsuid, 138, 0),
    CALL(setgroups, 206, BAD, 0),
    CALL(setgroups, 81, BAD, 0),
    CALL(sethostname, 74, 8, BAD),
    CALL(setpriority, 97, 99, 0, 0),
    CALL(settimeofday, 79, 8, 0),
    CALL(swapoff, 115, 8),
    CALL(swapon, 87, 8, 0),
    CALL(syslog, 103, 99, 0, 0),
    CALL(truncate, 92, 8, 0),
    CALL(truncate, 193, 8, 0, 0),
    CALL(ftruncate, 93, BAD, 0),
    CALL(ftruncate, 194, BAD, 0, 0),
    CALL(utime, 30, 8, 0),
    CALL(utimes, 271, 8, 0),
    CALL(utimensat, 320, BAD, 8, 0, 0),
    CALL(utimensat, 412, BAD, 8, 0, 0),
    CALL(futimesat, 299, BAD, 8, 0),
    CALL(umask, 60, 022),
#undef CALL
};

static void check_call(unsigned int i, bool other_door) {
  const struct saker_rec* rec;
  const long* a = calls[i].args;
  long ret;

  CASE("%s%s", calls[i].name, other_door ? ", by int 0x80" : "");
  rings_flush();
  if (other_door) {
    ret = int80(calls[i].nr32, a);
  } else {
    ret = syscall(calls[i].nr, a[0], a[1], a[2], a[3], a[4], a[5]);
    if (ret < 0) ret = -errno;
  }
  rec = rings_take_mine(calls[i].event);
  check_door(rec, other_door, SAKER_P_generic_nr + 1);
  RET(ret);
  U64(generic_nr, calls[i].nr);
}

/* In a session of its own, which has no terminal that would be lost. */
static void hang_up(void) {
  setsid();
  vhangup();
}

static void hanging_up(void) {
  const struct saker_rec* rec;
  pid_t pid;

  CASE("vhangup");
  rings_flush();
  pid = child_runs(hang_up);
  rec = rings_take(SAKER_EV_vhangup, pid);
  check_head(rec, pid, SAKER_P_generic_nr + 1);
  RET(0);
  U64(generic_nr, SYS_vhangup);
}

void test_generic(void) {
  const mode_t mask = umask(022);
  unsigned int i;

  for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
    check_call(i, false);
    if (calls[i].nr32 != BAD) check_call(i, true);
  }
  umask(mask);
  hanging_up();
}
