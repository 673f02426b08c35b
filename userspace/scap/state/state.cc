// SPDX-License-Identifier: Apache-2.0
#include "scap/state/state.h"

#include "scap/path.h"

namespace saker::scap {
namespace {

constexpr std::uint8_t resource_nofile = 7;

// Which thread an event belongs to: none, only a known one, or one that is made if needed.
enum class Attach : std::uint8_t { none, known, any };

Attach attach_kind(const CaptureEvent& event) {
  if (event.type == procinfo_e) return Attach::known;
  if (event.info().flags & no_thread) return Attach::none;
  switch (event.type) {
    case container_json_2_e:
    case user_added_e:
    case user_deleted_e:
    case group_added_e:
    case group_deleted_e:
    case pluginevent_e:
    case asyncevent_e: return Attach::none;
    case clone_20_x:
    case fork_20_x:
    case vfork_20_x:
    case clone3_x:
    case procexit_1_e:
    case schedswitch_6_e: return Attach::known;
    default: return Attach::any;
  }
}

// Index of the parameter with the descriptor of an exit event, -1 if there is none.
int fd_param(std::uint16_t type) {
  switch (type) {
    case setns_x:
    case listen_x:
    case shutdown_x:
    case fchdir_x:
    case lseek_x:
    case llseek_x:
    case ioctl_3_x:
    case fstat_x:
    case close_x:
    case getdents_x:
    case getdents64_x:
    case flock_x:
    case copy_file_range_x:
    case fcntl_x:
    case dup_1_x:
    case dup2_x:
    case dup3_x:
    case newfstatat_x:
    case fchownat_x:
    case fchmodat_x:
    case mkdirat_x:
    case unlinkat_2_x:
    case mknodat_x:
    case sendmmsg_x:
    case recvmmsg_x:
    case io_uring_register_x:
    case io_uring_enter_x:
    case setsockopt_x:
    case getsockopt_x:
    case fsconfig_x:
    case finit_module_x:
    case fchmod_x:
    case fchown_x: return 1;
    case read_x:
    case pread_x:
    case bind_x:
    case write_x:
    case pwrite_x:
    case recv_x:
    case send_x:
    case sendto_x:
    case sendmsg_x:
    case sendfile_x:
    case splice_x:
    case writev_x:
    case pwritev_x:
    case connect_x:
    case symlinkat_x: return 2;
    case recvfrom_x:
    case readv_x:
    case preadv_x: return 3;
    case recvmsg_x: return 5;
    case mmap_x:
    case mmap2_x: return 8;
    default: return -1;
  }
}

}  // namespace

const EventState& Tracker::begin(const CaptureEvent& event) {
  // An exit event consumes its enter event; if an exit's own enter event was lost, it still gets
  // the descriptor of the previous one. The thread is looked up again because a process list
  // between events may have replaced it.
  if (Thread* ended = exit_of_ == -1 ? nullptr : state_.threads.find(exit_of_))
    ended->enter.type = 0;
  exit_of_ = is_exit(event.type) ? event.tid : -1;
  finish_previous(event.time);
  now_ = {};
  attach(event);
  if (is_exit(event.type))
    exit(event);
  else
    enter(event);
  if (now_.thread && now_.has_fd) {
    now_.fd_number = now_.thread->last_fd;
    if (!now_.fd) now_.fd = state_.threads.fd_of(*now_.thread, now_.fd_number);
    // A call that makes a descriptor with a name sets that name.
    if (now_.fd && !now_.fd->regular())
      now_.name_changed = now_.fd->name != name_before_;
    else if (now_.fd)
      now_.name_changed = !used_before_ && !now_.fd->name.empty();
  }
  return now_;
}

void Tracker::clear() {
  state_.threads.clear();
  state_.interfaces.clear();
  recently_.clear();
  ended_thread_ = -1;
  ended_fds_.clear();
  now_ = {};
}

void Tracker::finish_previous(std::uint64_t now) {
  state_.addresses.forget_removed();
  if (ended_thread_ >= 0) {
    Thread* thread = state_.threads.find(ended_thread_);
    recently_.add(ended_thread_, thread ? thread->ptid : -1, now);
    state_.threads.remove(ended_thread_);
    ended_thread_ = -1;
  }
  if (!ended_fds_.empty()) {
    if (Thread* thread = state_.threads.find(ended_fds_of_))
      if (FdTable* fds = state_.threads.fds_of(*thread))
        for (std::int64_t fd : ended_fds_) fds->erase(fd);
    ended_fds_.clear();
  }
}

void Tracker::attach(const CaptureEvent& event) {
  now_.has_fd = event.info().flags & (creates_fd | uses_fd | destroys_fd);
  Attach kind = attach_kind(event);
  if (kind == Attach::none) return;
  now_.thread =
      kind == Attach::any ? state_.threads.find_or_make(event.tid) : state_.threads.find(event.tid);
  if (now_.thread && event.type != schedswitch_6_e && event.type != procinfo_e) attach_fd(event);
}

void Tracker::attach_fd(const CaptureEvent& event) {
  Thread& thread = *now_.thread;
  bool uses = event.info().flags & uses_fd;
  if (!is_exit(event.type)) {
    thread.last_fd = -1;
    thread.last_type = event.type;
    thread.enter.valid = false;
    if (uses) thread.last_fd = event.number(event.type == splice_e ? 1 : 0);
  } else {
    bool same_call = thread.last_type + 1 == event.type ||
                     (thread.last_type == execveat_e && event.type == execve_19_x);
    thread.enter.valid =
        same_call && thread.enter.type != 0 && thread.last_type == thread.enter.type;
    if (!same_call) thread.last_fd = -1;
    int index = uses && thread.last_fd == -1 ? fd_param(event.type) : -1;
    if (index >= 0 && event.has(static_cast<unsigned>(index)))
      thread.last_fd = event.number(static_cast<unsigned>(index));
  }
  used_before_ = false;
  name_before_.clear();
  if (!uses) return;
  now_.fd = state_.threads.fd_of(thread, thread.last_fd);
  if (!now_.fd) return;
  used_before_ = true;
  // The name of a file stays.
  if (!now_.fd->regular()) name_before_ = now_.fd->name;
}

void Tracker::enter(const CaptureEvent& event) {
  switch (event.type) {
    case procexit_1_e: return process_exit(event);
    case user_added_e:
    case user_deleted_e:
    case group_added_e:
    case group_deleted_e:
    case container_json_2_e:
    case asyncevent_e: return meta_event(event);
    default: break;
  }
  if (!now_.thread) return;
  if (event.type == schedswitch_6_e) return scheduled(event);
  EnterEvent& kept = now_.thread->enter;
  unsigned path = 0;
  kept.type = 0;
  kept.dirfd = 0;
  kept.flags = 0;
  switch (event.type) {
    case open_e: kept.flags = event.u32(1); break;
    case creat_e: break;
    case openat_2_e:
    case openat2_e:
      path = 1;
      kept.dirfd = event.number(0);
      kept.flags = event.u32(2);
      break;
    case connect_e: path = 1; break;
    case execve_19_e: break;
    case execveat_e:
      path = 1;
      kept.dirfd = event.number(0);
      kept.flags = event.u32(2);
      break;
    default: return;
  }
  kept.type = event.type;
  kept.path_null = event.null(path);
  kept.path = event.type == connect_e ? event.bytes(path) : event.path(path);
}

void Tracker::exit(const CaptureEvent& event) {
  switch (event.type) {
    case clone_20_x:
    case clone3_x:
    case fork_20_x:
    case vfork_20_x: return clone(event);
    case execve_19_x:
    case execveat_x: return exec(event);
    default: break;
  }
  if (!now_.thread) return;
  process_event(event);
  fd_event(event);
}

void Tracker::process_event(const CaptureEvent& event) {
  Thread& thread = *now_.thread;
  std::int64_t result = event.result();
  switch (event.type) {
    case chdir_x:
    case fchdir_x:
    case getcwd_x: return change_directory(event);
    case chroot_x:
      if (result != 0) return;
      thread.root = join_path(state_.threads.cwd_of(thread), event.path(1));
      thread.container_id = container_of(thread.cgroups).id;
      break;
    case setsid_x:
      if (result < 0) return;
      thread.sid = result;
      break;
    case capset_x:
      if (result < 0) return;
      thread.cap_inheritable = event.natural(1);
      thread.cap_permitted = event.natural(2);
      thread.cap_effective = event.natural(3);
      break;
    case unshare_x:
    case setns_x: {
      constexpr std::uint64_t every_cap = (std::uint64_t{1} << 41) - 1;
      unsigned index = event.type == unshare_x ? 1 : 2;
      if (result < 0 || !(event.u32(index) & clone_newuser)) return;
      thread.cap_inheritable = thread.cap_permitted = thread.cap_effective = every_cap;
      break;
    }
    case prctl_x: {
      std::uint32_t option = event.u32(1);
      if (result < 0 || !thread.group || (option != 36 && option != 37)) return;
      thread.group->reaper = event.number(3) != 0;
      return;
    }
    case setuid_x:
    case setreuid_x:
    case setresuid_x:
    case setgid_x:
    case setregid_x:
    case setresgid_x: return credentials(event);
    case getrlimit_x:
    case setrlimit_x:
    case prlimit_x: return limits(event);
    case brk_4_x:
    case mmap_x:
    case mmap2_x:
    case munmap_x: return memory(event);
    default: return;
  }
  state_.threads.changed(thread);
}

void Tracker::credentials(const CaptureEvent& event) {
  bool one = event.type == setuid_x || event.type == setgid_x;
  unsigned index = one ? 1 : 2;  // if there are several, the effective id counts
  if (event.result() != 0 || !event.has(index)) return;
  bool user = event.type == setuid_x || event.type == setreuid_x || event.type == setresuid_x;
  (user ? now_.thread->uid : now_.thread->gid) = event.u32(index);
  state_.threads.changed(*now_.thread);
}

void Tracker::limits(const CaptureEvent& event) {
  bool of_other = event.type == prlimit_x;
  unsigned resource = of_other ? 6 : 3;
  if (event.result() < 0 || event.u32(resource) != resource_nofile || event.number(1) == -1) return;
  Thread* thread = now_.thread;
  if (of_other) {
    if (!event.has(5)) return;
    if (std::int64_t pid = event.number(5)) thread = state_.threads.find(pid);
  }
  Thread* main = thread ? state_.threads.main_of(*thread) : nullptr;
  if (main) main->fdlimit = event.number(1);
}

// These events report it even if the call failed.
void Tracker::memory(const CaptureEvent& event) {
  Memory& to = now_.thread->memory;
  if (event.has(1)) to.size = event.u32(1);
  if (event.has(2)) to.resident = event.u32(2);
  if (event.has(3)) to.swapped = event.u32(3);
}

// Page faults belong to the thread, memory to its process.
void Tracker::scheduled(const CaptureEvent& event) {
  if (!event.has(5)) return;
  now_.thread->memory.major_faults = event.natural(1);
  now_.thread->memory.minor_faults = event.natural(2);
  Thread* main = state_.threads.main_of(*now_.thread);
  if (!main) return;
  main->memory.size = event.u32(3);
  main->memory.resident = event.u32(4);
  main->memory.swapped = event.u32(5);
}

void Tracker::container_event(const CaptureEvent& event) {
  const bool notice = event.type == asyncevent_e;
  const bool removed = notice && event.text(1) == "container_removed";
  if (notice && !removed && event.text(1) != "container") return;
  const std::string_view json = event.text(notice ? 2 : 0);
  state_.containers.push_back({std::string(json), removed});
  state_.addresses.take(json, removed);
}

namespace {

template <typename Map, typename Entry>
bool changes(Map& map, std::uint32_t id, const Entry& entry) {
  auto [at, fresh] = map.try_emplace(id, entry);
  if (!fresh && at->second == entry) return false;
  at->second = entry;
  return true;
}

}  // namespace

void CaptureState::put_user(const UserEntry& user) {
  users_changed += changes(users, user.uid, user);
}
void CaptureState::put_group(const GroupEntry& group) {
  users_changed += changes(groups, group.gid, group);
}

void Tracker::meta_event(const CaptureEvent& event) {
  CaptureState& to = state_;
  bool user = event.type == user_added_e || event.type == user_deleted_e;
  if (event.type == container_json_2_e || event.type == asyncevent_e) return container_event(event);
  // Entries of a container belong to a host that we do not see.
  if (!event.text(user ? 5 : 2).empty()) return;
  std::uint32_t id = event.u32(0);
  std::string name(event.text(user ? 2 : 1));
  if (event.type == user_deleted_e) {
    to.users_changed += to.users.erase(id);
  } else if (event.type == group_deleted_e) {
    to.users_changed += to.groups.erase(id);
  } else if (!name.starts_with('+') && !name.starts_with('-')) {
    if (user)
      to.put_user({id, event.u32(1), name, std::string(event.text(3)), std::string(event.text(4))});
    else
      to.put_group({id, name});
  }
}

void Tracker::find_containers() {
  for (const auto& [tid, thread] : state_.threads.all())
    thread->container_id = container_of(thread->cgroups).id;
}

bool local_end(const CaptureState& state, const Thread* thread, const FdInfo& fd, bool source) {
  const SocketEnds ends = fd.ends();
  return local_address(state.interfaces, state.addresses,
                       thread ? thread->container_id : std::string(),
                       source ? ends.source : ends.dest, fd.v6());
}

FdInfo* Tracker::store(std::int64_t number, FdInfo fd) {
  Thread& thread = *now_.thread;
  thread.last_fd = number;
  FdTable* fds = state_.threads.fds_of(thread);
  if (!fds) return nullptr;
  FdInfo& place = (*fds)[number];
  place = std::move(fd);
  return &place;
}

}  // namespace saker::scap
