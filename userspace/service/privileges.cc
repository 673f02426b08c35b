// SPDX-License-Identifier: Apache-2.0
#include "service/privileges.h"

#include <cap-ng.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <memory>

namespace saker::service {
namespace {

struct Kept {
  unsigned capability;
  const char* name;
};
// To read /proc of other users' processes (links, environments, namespaces), and files of runtimes
// in directories of other users.
constexpr Kept kept[] = {{CAP_DAC_READ_SEARCH, "CAP_DAC_READ_SEARCH"},
                         {CAP_SYS_PTRACE, "CAP_SYS_PTRACE"}};

// The system calls that the daemon, its libraries and glibc use after the start. All others fail
// with EPERM: mounting, modules, tracing, keys, bpf, namespaces, other programs, changing identity.
constexpr const char* allowed[] = {
    // Files and directories.
    "read",
    "pread64",
    "readv",
    "preadv",
    "preadv2",
    "write",
    "pwrite64",
    "writev",
    "pwritev",
    "pwritev2",
    "close",
    "close_range",
    "open",
    "openat",
    "openat2",
    "lseek",
    "stat",
    "fstat",
    "lstat",
    "newfstatat",
    "statx",
    "statfs",
    "fstatfs",
    "access",
    "faccessat",
    "faccessat2",
    "readlink",
    "readlinkat",
    "getdents64",
    "getcwd",
    "mkdir",
    "mkdirat",
    "rmdir",
    "unlink",
    "unlinkat",
    "rename",
    "renameat",
    "renameat2",
    "link",
    "linkat",
    "symlink",
    "symlinkat",
    "chmod",
    "fchmod",
    "fchmodat",
    "umask",
    "ftruncate",
    "fallocate",
    "fsync",
    "fdatasync",
    "sync_file_range",
    "syncfs",
    "copy_file_range",
    "sendfile",
    "splice",
    "fadvise64",
    "readahead",
    "utimensat",
    "flock",
    "fcntl",
    "dup",
    "dup2",
    "dup3",
    "pipe",
    "pipe2",
    "ioctl",
    "inotify_init",
    "inotify_init1",
    "inotify_add_watch",
    "inotify_rm_watch",
    // Memory and threads.
    "mmap",
    "munmap",
    "mremap",
    "mprotect",
    "madvise",
    "brk",
    "msync",
    "mincore",
    "mlock",
    "mlock2",
    "munlock",
    "membarrier",
    "memfd_create",
    "futex",
    "futex_waitv",
    "set_robust_list",
    "get_robust_list",
    "rseq",
    "set_tid_address",
    "sched_yield",
    "sched_getaffinity",
    "sched_setaffinity",
    "sched_getparam",
    "sched_getscheduler",
    "getpriority",
    "gettid",
    "getpid",
    "getppid",
    "getpgrp",
    "getpgid",
    "getsid",
    "exit",
    "exit_group",
    "tgkill",
    "wait4",
    "waitid",
    "restart_syscall",
    "prctl",
    "arch_prctl",
    // Signals, time, waiting.
    "rt_sigaction",
    "rt_sigprocmask",
    "rt_sigreturn",
    "rt_sigtimedwait",
    "rt_sigpending",
    "sigaltstack",
    "signalfd",
    "signalfd4",
    "eventfd",
    "eventfd2",
    "timerfd_create",
    "timerfd_settime",
    "timerfd_gettime",
    "poll",
    "ppoll",
    "select",
    "pselect6",
    "epoll_create",
    "epoll_create1",
    "epoll_ctl",
    "epoll_wait",
    "epoll_pwait",
    "epoll_pwait2",
    "nanosleep",
    "clock_nanosleep",
    "clock_gettime",
    "clock_getres",
    "gettimeofday",
    "time",
    "getitimer",
    "setitimer",
    "alarm",
    "io_uring_setup",
    "io_uring_enter",
    "io_uring_register",
    // Sockets: control, journal, outputs, names of users.
    "bind",
    "listen",
    "accept",
    "accept4",
    "connect",
    "getsockname",
    "getpeername",
    "getsockopt",
    "setsockopt",
    "sendto",
    "sendmsg",
    "sendmmsg",
    "recvfrom",
    "recvmsg",
    "recvmmsg",
    "shutdown",
    "socketpair",
    // Information about the process itself.
    "getrandom",
    "uname",
    "sysinfo",
    "getrusage",
    "getrlimit",
    "prlimit64",
    "times",
    "getcpu",
    "getuid",
    "geteuid",
    "getgid",
    "getegid",
    "getresuid",
    "getresgid",
    "getgroups",
    "capget",
};

Result<void> give_up_capabilities() {
  if (capng_get_caps_process() < 0) return Error{"the capabilities of this process cannot be read"};
  bool had[std::size(kept)];
  for (std::size_t i = 0; i < std::size(kept); i++)
    had[i] = capng_have_capability(CAPNG_PERMITTED, kept[i].capability);
  // Only a process with this capability can change the bounding set.
  const bool bounding = capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP);
  capng_clear(bounding ? CAPNG_SELECT_BOTH : CAPNG_SELECT_CAPS);
  const unsigned sets = CAPNG_EFFECTIVE | CAPNG_PERMITTED | (bounding ? CAPNG_BOUNDING_SET : 0);
  for (std::size_t i = 0; i < std::size(kept); i++)
    if (had[i]) capng_update(CAPNG_ADD, static_cast<capng_type_t>(sets), kept[i].capability);
  if (int error = capng_apply(bounding ? CAPNG_SELECT_BOTH : CAPNG_SELECT_CAPS); error < 0)
    return Error{"capabilities cannot be dropped (capng_apply: " + std::to_string(error) + ")"};
  return {};
}

// Returns the number of calls that stay allowed.
Result<unsigned> filter_calls() {
  struct Release {
    void operator()(void* filter) const { ::seccomp_release(filter); }
  };
  std::unique_ptr<void, Release> filter(::seccomp_init(SCMP_ACT_ERRNO(EPERM)));
  if (!filter) return Error{"the filter for system calls cannot be made"};
  // Applies to all existing threads, too.
  (void)::seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_TSYNC, 1);
  unsigned rules = 0;
  auto allow = [&](const char* name, std::initializer_list<scmp_arg_cmp> arguments = {}) {
    // A call that this machine or this libseccomp does not know is not needed.
    const int call = ::seccomp_syscall_resolve_name(name);
    if (call != __NR_SCMP_ERROR &&
        ::seccomp_rule_add_array(filter.get(), SCMP_ACT_ALLOW, call,
                                 static_cast<unsigned>(arguments.size()), arguments.begin()) == 0)
      rules++;
  };
  for (const char* name : allowed) allow(name);
  // Threads, but no processes. A filter cannot see clone3's arguments; glibc falls back to clone.
  allow("clone", {SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD)});
  ::seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
  for (int family : {AF_UNIX, AF_INET, AF_INET6})
    allow("socket", {SCMP_A0(SCMP_CMP_EQ, static_cast<scmp_datum_t>(family))});
  if (int error = ::seccomp_load(filter.get()); error < 0)
    return Error::from_errno("the filter for system calls", -error);
  return rules;
}

}  // namespace

Result<std::string> drop_privileges() {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) return Error::from_errno("PR_SET_NO_NEW_PRIVS");
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0) return Error::from_errno("PR_SET_DUMPABLE");
  const rlimit none{0, 0};
  (void)::setrlimit(RLIMIT_CORE, &none);
  if (Result<void> done = give_up_capabilities(); !done) return done.error();
  Result<unsigned> calls = filter_calls();
  if (!calls) return calls.error();
  std::string names;
  for (const Kept& each : kept) names += (names.empty() ? "" : ", ") + std::string(each.name);
  return names + "; " + std::to_string(*calls) + " system calls";
}

}  // namespace saker::service
