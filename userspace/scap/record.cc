// SPDX-License-Identifier: Apache-2.0
#include "scap/record.h"

#include <algorithm>

#include "scap/flags.h"
#include "scap/path.h"
#include "scap/show.h"

namespace saker::scap {
namespace {

struct TypeRow {
  std::uint16_t type, record;
};

constexpr TypeRow type_rows[] = {
    {execve_19_x, SAKER_EV_execve},
    {execveat_x, SAKER_EV_execveat},
    {clone_20_x, SAKER_EV_clone},
    {clone3_x, SAKER_EV_clone3},
    {fork_20_x, SAKER_EV_fork},
    {vfork_20_x, SAKER_EV_vfork},
    {procexit_1_e, SAKER_EV_procexit},
    {open_x, SAKER_EV_open},
    {openat_2_x, SAKER_EV_openat},
    {openat2_x, SAKER_EV_openat2},
    {creat_x, SAKER_EV_creat},
    {open_by_handle_at_x, SAKER_EV_open_by_handle_at},
    {connect_x, SAKER_EV_connect},
    {accept_5_x, SAKER_EV_accept},
    {accept4_6_x, SAKER_EV_accept4},
    {bind_x, SAKER_EV_bind},
    {listen_x, SAKER_EV_listen},
    {sendto_x, SAKER_EV_sendto},
    {sendmsg_x, SAKER_EV_sendmsg},
    {recvfrom_x, SAKER_EV_recvfrom},
    {recvmsg_x, SAKER_EV_recvmsg},
    {sendmmsg_x, SAKER_EV_sendmmsg},
    {recvmmsg_x, SAKER_EV_recvmmsg},
    {socket_x, SAKER_EV_socket},
    {unlink_2_x, SAKER_EV_unlink},
    {unlinkat_2_x, SAKER_EV_unlinkat},
    {mkdir_2_x, SAKER_EV_mkdir},
    {mkdirat_x, SAKER_EV_mkdirat},
    {rmdir_2_x, SAKER_EV_rmdir},
    {chmod_x, SAKER_EV_chmod},
    {fchmod_x, SAKER_EV_fchmod},
    {fchmodat_x, SAKER_EV_fchmodat},
    {chown_x, SAKER_EV_chown},
    {lchown_x, SAKER_EV_lchown},
    {fchown_x, SAKER_EV_fchown},
    {fchownat_x, SAKER_EV_fchownat},
    {mknod_x, SAKER_EV_mknod},
    {mknodat_x, SAKER_EV_mknodat},
    {rename_x, SAKER_EV_rename},
    {renameat_x, SAKER_EV_renameat},
    {renameat2_x, SAKER_EV_renameat2},
    {symlink_x, SAKER_EV_symlink},
    {symlinkat_x, SAKER_EV_symlinkat},
    {link_2_x, SAKER_EV_link},
    {linkat_2_x, SAKER_EV_linkat},
    {ptrace_x, SAKER_EV_ptrace},
    {mount_x, SAKER_EV_mount},
    {umount2_x, SAKER_EV_umount2},
    {umount_1_x, SAKER_EV_umount},
    {setns_x, SAKER_EV_setns},
    {unshare_x, SAKER_EV_unshare},
    {init_module_x, SAKER_EV_init_module},
    {finit_module_x, SAKER_EV_finit_module},
    {bpf_2_x, SAKER_EV_bpf},
    {memfd_create_x, SAKER_EV_memfd_create},
    {userfaultfd_x, SAKER_EV_userfaultfd},
    {io_uring_setup_x, SAKER_EV_io_uring_setup},
    {io_uring_enter_x, SAKER_EV_io_uring_enter},
    {io_uring_register_x, SAKER_EV_io_uring_register},
    {dup_1_x, SAKER_EV_dup},
    {dup2_x, SAKER_EV_dup2},
    {dup3_x, SAKER_EV_dup3},
    {setuid_x, SAKER_EV_setuid},
    {setgid_x, SAKER_EV_setgid},
    {setreuid_x, SAKER_EV_setreuid},
    {setregid_x, SAKER_EV_setregid},
    {setresuid_x, SAKER_EV_setresuid},
    {setresgid_x, SAKER_EV_setresgid},
};

std::array<std::uint16_t, type_count> make_index() {
  std::array<std::uint16_t, type_count> out{};
  for (std::uint16_t type = 0; type < type_count; type++)
    if (!shown_type(type).name.empty()) out[type] = SAKER_EV_foreign;
  for (const TypeRow& row : type_rows) out[row.type] = row.record;
  return out;
}

std::uint64_t positive(std::int64_t number) {
  return number < 0 ? 0 : static_cast<std::uint64_t>(number);
}

// The relevant cgroup: in the unified hierarchy, otherwise the first one that is not the root.
std::string_view cgroup_of(std::string_view cgroups) {
  std::string_view found = "/";
  each_text(cgroups, [&](std::string_view entry) {
    std::size_t equals = entry.find('=');
    if (equals == std::string_view::npos) return;
    std::string_view path = entry.substr(equals + 1);
    if (found == "/" && !path.empty()) found = path;
  });
  return found;
}

}  // namespace

std::uint16_t RecordMaker::record_type(std::uint16_t type) {
  static const std::array<std::uint16_t, type_count> index = make_index();
  return type < type_count ? index[type] : 0;
}

std::uint32_t fd_kind(const FdInfo& fd) {
  constexpr std::uint32_t kinds[] = {
      SAKER_FD_OTHER,   SAKER_FD_FILE,   SAKER_FD_DIR,   SAKER_FD_IPV4,      SAKER_FD_IPV6,
      SAKER_FD_IPV4,    SAKER_FD_IPV6,   SAKER_FD_FIFO,  SAKER_FD_UNIX,      SAKER_FD_EVENT,
      SAKER_FD_OTHER,   SAKER_FD_SIGNAL, SAKER_FD_EPOLL, SAKER_FD_INOTIFY,   SAKER_FD_TIMER,
      SAKER_FD_NETLINK, SAKER_FD_FILE,   SAKER_FD_BPF,   SAKER_FD_USERFAULT, SAKER_FD_IOURING,
      SAKER_FD_MEMFD,   SAKER_FD_PIDFD};
  static_assert(std::size(kinds) == static_cast<std::size_t>(FdType::pidfd) + 1);
  return kinds[static_cast<std::size_t>(fd.type)];
}

std::span<const std::byte> RecordMaker::make(const CaptureEvent& event, const EventState& context) {
  builder_.begin(record_type(event.type));
  saker_rec& head = builder_.head();
  head.ts = event.time;
  head.tid = static_cast<std::uint32_t>(event.tid);
  head.cpu = event.cpu;
  head.ret = event.result();
  if (context.thread) {
    head.pid = static_cast<std::uint32_t>(context.thread->pid);
    head.uid = context.thread->uid;
  }
  fill(event, context);
  return builder_.finish();
}

void RecordMaker::fill(const CaptureEvent& event, const EventState& context) {
  if (record_type(event.type) == SAKER_EV_foreign) return foreign(event, context);
  switch (event.type) {
    case execve_19_x:
    case execveat_x:
      if (context.thread) exec(event, *context.thread);
      return;
    case clone_20_x:
    case clone3_x:
    case fork_20_x:
    case vfork_20_x:
      if (context.thread) fork(event, *context.thread);
      return;
    case procexit_1_e:
      builder_.number_signed(SAKER_P_exit_status, event.number(0));
      if (context.thread) builder_.number(SAKER_P_exit_start_time, context.thread->clone_time);
      return;
    case open_x:
    case openat_2_x:
    case openat2_x:
    case creat_x:
    case open_by_handle_at_x: return open(event, context);
    case unlink_2_x:
    case unlinkat_2_x:
    case mkdir_2_x:
    case mkdirat_x:
    case rmdir_2_x:
    case chmod_x:
    case fchmod_x:
    case fchmodat_x:
    case chown_x:
    case lchown_x:
    case fchown_x:
    case fchownat_x:
    case mknod_x:
    case mknodat_x: return path(event, context);
    case rename_x:
    case renameat_x:
    case renameat2_x:
    case symlink_x:
    case symlinkat_x:
    case link_2_x:
    case linkat_2_x: return path2(event, context);
    case connect_x:
    case accept_5_x:
    case accept4_6_x:
    case bind_x:
    case listen_x:
    case sendto_x:
    case sendmsg_x:
    case recvfrom_x:
    case recvmsg_x:
    case sendmmsg_x:
    case recvmmsg_x: return socket_event(event, context);
    case setuid_x:
    case setgid_x:
    case setreuid_x:
    case setregid_x:
    case setresuid_x:
    case setresgid_x:
      if (context.thread) credentials(event, *context.thread);
      return;
    case setns_x:
    case unshare_x: return namespaces(event);
    case dup_1_x:
    case dup2_x:
    case dup3_x: return dup(event, context);
    case io_uring_setup_x: return ring_setup(event);
    case io_uring_enter_x:
    case io_uring_register_x: return ring_use(event, context);
    default: return other(event, context);
  }
}

void RecordMaker::exec(const CaptureEvent& event, const Thread& thread) {
  std::string argv = thread.exe;
  argv += '\0';
  argv += thread.args;
  builder_.blob(SAKER_P_exec_filename, event.type == execve_19_x ? event.text(30) : "")
      .blob(SAKER_P_exec_exepath, thread.exepath)
      .blob(SAKER_P_exec_args, argv)
      .blob(SAKER_P_exec_env, thread.env)
      .blob(SAKER_P_exec_cwd, state_.threads.cwd_of(thread))
      .blob(SAKER_P_exec_comm, thread.comm)
      .blob(SAKER_P_exec_cgroup, cgroup_of(thread.cgroups))
      .number(SAKER_P_exec_ppid, positive(thread.ptid))
      .number(SAKER_P_exec_vpid, positive(thread.vpid))
      .number(SAKER_P_exec_pgid, positive(thread.pgid))
      .number(SAKER_P_exec_vpgid, positive(thread.vpgid))
      .number(SAKER_P_exec_sid, positive(thread.sid))
      .number(SAKER_P_exec_tty, thread.tty)
      .number(SAKER_P_exec_loginuid, thread.loginuid)
      .number(SAKER_P_exec_uid, thread.uid)
      .number(SAKER_P_exec_euid, thread.uid)
      .number(SAKER_P_exec_gid, thread.gid)
      .number(SAKER_P_exec_egid, thread.gid)
      .number(SAKER_P_exec_cap_inheritable, thread.cap_inheritable)
      .number(SAKER_P_exec_cap_permitted, thread.cap_permitted)
      .number(SAKER_P_exec_cap_effective, thread.cap_effective)
      .number(SAKER_P_exec_exe_flags, (thread.exe_writable ? SAKER_EXE_WRITABLE : 0u) |
                                          (thread.exe_upper ? SAKER_EXE_UPPER : 0u) |
                                          (thread.exe_lower ? SAKER_EXE_LOWER : 0u) |
                                          (thread.exe_memfd ? SAKER_EXE_MEMFD : 0u))
      .number(SAKER_P_exec_exe_ino, thread.exe_ino)
      .number(SAKER_P_exec_exe_ctime, thread.exe_ctime)
      .number(SAKER_P_exec_exe_mtime, thread.exe_mtime)
      .number(SAKER_P_exec_start_time, thread.clone_time);
}

void RecordMaker::fork(const CaptureEvent& event, const Thread& thread) {
  std::int64_t result = event.result();
  builder_.number(SAKER_P_fork_child_pid, positive(result > 0 ? result : thread.tid))
      .number(SAKER_P_fork_child_vpid, positive(result > 0 ? result : thread.vtid))
      .number(SAKER_P_fork_ppid, positive(result > 0 ? thread.pid : thread.ptid))
      .number(SAKER_P_fork_start_time, event.time)
      .blob(SAKER_P_fork_comm, thread.comm)
      .number(SAKER_P_fork_flags, clone_flags(event.u32(15)));
}

void RecordMaker::credentials(const CaptureEvent& event, const Thread& thread) {
  for (unsigned i = 0; i < 3; i++)
    builder_.number(SAKER_P_cred_arg0 + i, event.has(i + 1) ? event.u32(i + 1) : ~0u);
  builder_.number(SAKER_P_cred_uid, thread.uid)
      .number(SAKER_P_cred_euid, thread.uid)
      .number(SAKER_P_cred_suid, thread.uid)
      .number(SAKER_P_cred_gid, thread.gid)
      .number(SAKER_P_cred_egid, thread.gid)
      .number(SAKER_P_cred_sgid, thread.gid)
      .number(SAKER_P_cred_cap_inheritable, thread.cap_inheritable)
      .number(SAKER_P_cred_cap_permitted, thread.cap_permitted)
      .number(SAKER_P_cred_cap_effective, thread.cap_effective);
}

void RecordMaker::foreign(const CaptureEvent& event, const EventState& context) {
  builder_.blob(SAKER_P_foreign_name, event_name(event))
      .number_signed(SAKER_P_foreign_fd, context.has_fd ? context.fd_number : -1);
  if (!context.has_fd || !context.fd) return;
  builder_.number(SAKER_P_foreign_fdtype, fd_kind(*context.fd));
  put_socket(SAKER_P_foreign_sock, SAKER_P_foreign_path, SAKER_P_foreign_fdname, *context.fd,
             context);
}

void RecordMaker::namespaces(const CaptureEvent& event) {
  bool set = event.type == setns_x;
  builder_.number_signed(SAKER_P_ns_fd, set ? event.number(1) : -1)
      .number(SAKER_P_ns_flags, clone_flags(event.u32(set ? 2 : 1)));
}

void RecordMaker::ring_setup(const CaptureEvent& event) {
  builder_.number_signed(SAKER_P_iouring_fd, event.result())
      .number(SAKER_P_iouring_fdtype, event.result() < 0 ? SAKER_FD_NONE : SAKER_FD_IOURING)
      .number(SAKER_P_iouring_flags, ring_setup_flags(event.u32(4)))
      .number(SAKER_P_iouring_entries, event.u32(1))
      .number(SAKER_P_iouring_sq_thread_cpu, event.u32(5))
      .number(SAKER_P_iouring_sq_thread_idle, event.u32(6))
      .number(SAKER_P_iouring_sq_entries, event.u32(2))
      .number(SAKER_P_iouring_cq_entries, event.u32(3))
      .number(SAKER_P_iouring_features, event.u32(7));
}

void RecordMaker::ring_use(const CaptureEvent& event, const EventState& context) {
  builder_.number_signed(SAKER_P_iouring_fd, event.number(1));
  if (context.fd) builder_.number(SAKER_P_iouring_fdtype, fd_kind(*context.fd));
  if (event.type == io_uring_enter_x) {
    builder_.number(SAKER_P_iouring_to_submit, event.u32(2))
        .number(SAKER_P_iouring_min_complete, event.u32(3))
        .number(SAKER_P_iouring_flags, event.u32(4));
  } else {
    builder_.number(SAKER_P_iouring_opcode, event.natural(2))
        .number(SAKER_P_iouring_arg, event.natural(3))
        .number(SAKER_P_iouring_nr_args, event.u32(4));
  }
}

void RecordMaker::other(const CaptureEvent& event, const EventState& context) {
  switch (event.type) {
    case ptrace_x:
      builder_.number(SAKER_P_ptrace_request, ptrace_request(event.u32(3)))
          .number(SAKER_P_ptrace_pid, positive(event.number(4)))
          .number_signed(SAKER_P_ptrace_vpid, event.number(4));
      return;
    case mount_x:
      put_path(SAKER_P_mount_dev, event, 1);
      put_path(SAKER_P_mount_dir, event, 2);
      put_path(SAKER_P_mount_type, event, 3);
      builder_.number(SAKER_P_mount_flags, event.u32(4));
      put_cwd(SAKER_P_mount_base, event, 2, context);
      return;
    case umount2_x:
    case umount_1_x:
      put_path(SAKER_P_mount_dir, event, 1);
      builder_.number(SAKER_P_mount_flags, event.type == umount2_x ? event.u32(2) : 0);
      put_cwd(SAKER_P_mount_base, event, 1, context);
      return;
    case init_module_x:
      put_path(SAKER_P_module_uargs, event, 3);
      builder_.number_signed(SAKER_P_module_fd, -1).number(SAKER_P_module_length, event.natural(2));
      return;
    case finit_module_x:
      put_path(SAKER_P_module_uargs, event, 2);
      builder_.number_signed(SAKER_P_module_fd, event.number(1))
          .number(SAKER_P_module_flags, event.u32(3));
      if (context.fd) builder_.blob(SAKER_P_module_path, context.fd->name);
      return;
    case bpf_2_x:
      builder_.number_signed(SAKER_P_bpf_fd, event.result()).number(SAKER_P_bpf_cmd, event.u32(1));
      return;
    case memfd_create_x:
      put_path(SAKER_P_memfd_name, event, 1);
      builder_.number_signed(SAKER_P_memfd_fd, event.result())
          .number(SAKER_P_memfd_flags, event.u32(2));
      return;
    case socket_x:
      builder_.number_signed(SAKER_P_socket_fd, event.result())
          .number(SAKER_P_socket_domain, event.u32(1))
          .number(SAKER_P_socket_type, event.u32(2))
          .number(SAKER_P_socket_proto, event.u32(3));
      if (context.fd) builder_.number(SAKER_P_socket_fdtype, fd_kind(*context.fd));
      return;
    case userfaultfd_x:
      builder_.number_signed(SAKER_P_newfd_fd, event.result())
          .number(SAKER_P_newfd_flags, open_flags(event.u32(1)).kernel)
          .number(SAKER_P_newfd_fdtype, SAKER_FD_USERFAULT);
      return;
    default: return;
  }
}

}  // namespace saker::scap
