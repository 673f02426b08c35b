// SPDX-License-Identifier: Apache-2.0
// The threads of a capture with their descriptors: from the capture's process list, changed by its
// events. Owned and changed by one CaptureReader; code on its thread may read it until the reader's
// next step.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "scap/event.h"
#include "scap/state/area.h"

namespace saker::scap {

// Numbers as in a capture's descriptor lists.
enum class FdType : std::uint8_t {
  unknown,
  file,
  directory,
  ipv4,
  ipv6,
  ipv4_server,
  ipv6_server,
  fifo,
  unix_socket,
  event,
  unsupported,
  signal,
  epoll,
  inotify,
  timer,
  netlink,
  file_v2,
  bpf,
  userfault,
  io_uring,
  memfd,
  pidfd
};
enum class Role : std::uint8_t { none, client, server };

struct FdInfo {
  FdType type = FdType::unknown;
  Role role = Role::none;
  bool connected = false;
  bool upper = false, lower = false;  // layer of the file in an overlayfs
  std::uint32_t flags = 0;            // in the numbering of captures
  std::uint32_t dev = 0;
  std::uint64_t ino = 0;
  std::int64_t pid = 0;  // for a pidfd
  SocketArea area;
  std::uint64_t source = 0, dest = 0;  // unix: addresses in the kernel
  std::string name;
  std::string raw;  // path as passed by the caller
  std::string unix_path;

  // Only for IP sockets.
  const SocketArea::Form& form() const {
    switch (type) {
      case FdType::ipv6: return SocketArea::pair6;
      case FdType::ipv4_server: return SocketArea::server4;
      case FdType::ipv6_server: return SocketArea::server6;
      default: return SocketArea::pair4;
    }
  }
  SocketEnds ends() const { return area.ends(form()); }
  void set_ends(const SocketEnds& ends) { area.set_ends(form(), ends); }
  L4 l4() const { return ip() ? area.l4(form()) : L4::unknown; }
  void set_l4(L4 l4) { area.set_l4(form(), l4); }

  bool ip_pair() const { return type == FdType::ipv4 || type == FdType::ipv6; }
  bool ip_server() const { return type == FdType::ipv4_server || type == FdType::ipv6_server; }
  bool ip() const { return ip_pair() || ip_server(); }
  bool v6() const { return type == FdType::ipv6 || type == FdType::ipv6_server; }
  bool close_on_exec() const {
    constexpr std::uint32_t bit = 1u << 12;
    return (flags & bit) || ((type == FdType::epoll || type == FdType::memfd) && (flags & 1));
  }
  bool regular() const { return type == FdType::file || type == FdType::file_v2; }
};

using FdTable = std::unordered_map<std::int64_t, FdInfo>;

// Bits of Thread::flags, in the numbering of captures.
enum ThreadFlag : std::uint32_t {
  clone_files = 1u << 0,
  clone_newpid = 1u << 6,
  clone_parent = 1u << 8,
  clone_thread = 1u << 13,
  clone_inverted = 1u << 16,
  name_changed = 1u << 17,
  dead = 1u << 18,
  active = 1u << 19,
  clone_newuser = 1u << 20,
  pipe_source = 1u << 21,
  pipe_dest = 1u << 22,
  clone_vfork = 1u << 27,
  child_in_pidns = 1u << 29,
  is_main_thread = 1u << 30
};

// As last reported by events, in KiB, and page faults so far.
struct Memory {
  std::uint32_t size = 0, resident = 0, swapped = 0;
  std::uint64_t major_faults = 0, minor_faults = 0;
};

struct ThreadGroup;

// The enter event of the thread's current call, if it has more data than the exit event.
struct EnterEvent {
  std::uint16_t type = 0;
  bool valid = false;
  std::string path;  // or the address passed to connect
  bool path_null = true;
  std::int64_t dirfd = 0;
  std::uint32_t flags = 0;
};

struct Thread {
  std::int64_t tid = -1, pid = -1, ptid = -1;
  std::int64_t sid = -1, vpgid = -1, pgid = -1, vtid = -1, vpid = -1;
  std::int64_t reaper = -1;
  std::string comm, exe, exepath, root;
  std::string args, env, cgroups;  // NUL-terminated texts
  std::string cwd;                 // main threads only
  std::uint32_t flags = name_changed;
  std::int64_t fdlimit = -1;  // main threads only, if known
  Memory memory;
  std::uint32_t uid = ~0u, gid = ~0u, loginuid = ~0u;
  std::uint64_t cap_inheritable = 0, cap_permitted = 0, cap_effective = 0;
  std::uint64_t exe_ino = 0, exe_ctime = 0, exe_mtime = 0;
  std::uint64_t exe_age =
      0;  // age of its program's file when the process began, at its last exec; 0: unknown
  bool exe_writable = false, exe_upper = false, exe_lower = false, exe_memfd = false;
  std::uint32_t tty = 0;
  std::uint64_t clone_time = 0, exec_time = 0;
  std::uint64_t pidns_start = 0;
  bool cmdline_fixed = false;  // comm was known when the arguments were set
  std::string container_id;    // 12 digits; "" for the host

  FdTable fds;
  ThreadGroup* group = nullptr;
  std::vector<Thread*> children;
  std::int64_t last_fd = 0;
  std::uint16_t last_type = 0;
  EnterEvent enter;

  std::uint64_t serial = 0;   // unique among the threads of a reader
  std::uint64_t changed = 0;  // ThreadTable::now() at the last change of data that fields show

  bool valid() const { return tid >= 0 && pid >= 0 && ptid >= 0; }
  bool main() const { return tid == pid || (flags & is_main_thread); }
  bool in_pid_namespace() const { return (flags & child_in_pidns) || (tid != vtid && vtid >= 0); }
  bool placeholder() const { return pid < 0; }
};

struct ThreadGroup {
  std::int64_t pid = 0;
  std::vector<Thread*> members;  // the main thread first
  int alive = 0;
  bool reaper = false;
};

class ThreadTable {
 public:
  Thread* find(std::int64_t tid) const;
  // Makes a placeholder if there is none; null only if the table is full.
  Thread* find_or_make(std::int64_t tid);
  // Replaces an older entry with the same number. Does not link it.
  Thread* insert(std::unique_ptr<Thread> thread);
  // Puts it into its group and below its parent.
  void link(Thread& thread);
  void link_all();
  // Removes a thread that has ended: its children get another parent.
  void remove(std::int64_t tid);
  void clear();

  // The thread whose directory, environment and descriptors count for `thread`; null if there is
  // none.
  Thread* main_of(const Thread& thread) const;
  const Thread* parent_of(const Thread& thread) const;  // the main thread of the parent
  FdTable* fds_of(Thread& thread) const;
  FdInfo* fd_of(Thread& thread, std::int64_t fd) const;
  const FdInfo* fd_of(const Thread& thread, std::int64_t fd) const {
    return fd_of(const_cast<Thread&>(thread), fd);
  }
  std::string_view cwd_of(const Thread& thread) const;

  // Counts changes of the data that fields show, over all threads.
  std::uint64_t now() const { return now_; }
  void changed(Thread& thread) { thread.changed = ++now_; }
  std::size_t size() const { return threads_.size(); }
  const std::unordered_map<std::int64_t, std::unique_ptr<Thread>>& all() const { return threads_; }

 private:
  Thread* find_reaper(const Thread& dying);
  void drop(Thread& thread);

  std::unordered_map<std::int64_t, std::unique_ptr<Thread>> threads_;
  std::unordered_map<std::int64_t, std::unique_ptr<ThreadGroup>> groups_;
  std::uint64_t now_ = 0;
  std::uint64_t serials_ = 0;
  // the last one found: events of a thread often follow one another
  mutable Thread* last_ = nullptr;
};

// Calls `use` for each text of a list of NUL-terminated texts. A single NUL is an empty list.
template <typename Use>
void each_text(std::string_view list, Use use) {
  if (list.size() == 1 && list[0] == '\0') return;
  while (!list.empty()) {
    std::size_t end = list.find('\0');
    use(list.substr(0, end));
    if (end == std::string_view::npos) break;
    list.remove_prefix(end + 1);
  }
}

}  // namespace saker::scap
