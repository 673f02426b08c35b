// SPDX-License-Identifier: Apache-2.0
#include "scap/state/meta.h"

#include <set>

#include "scap/block_cursor.h"
#include "scap/path.h"

namespace saker::scap {
namespace {

constexpr std::size_t least_entry = 4;  // anything shorter is padding

Error bad(const char* what, const BlockCursor& at) {
  return {std::string(what) + " (byte " + std::to_string(at.offset()) + " of its list)"};
}

Result<void> read_machine(BlockCursor from, CaptureState& state) {
  state.machine.cpus = from.u32();
  state.machine.memory = from.u64();
  from.u64();
  std::string_view host = from.bytes(128);
  state.machine.host = host.substr(0, host.find('\0'));
  state.machine.boot_time = from.u64();
  if (!from.ok()) return Error{"the machine's description is cut off"};
  return {};
}

void read_process_tail(BlockCursor& from, std::size_t size, Thread& thread, CaptureState& state) {
  // Writers from before pid namespaces were recorded have two fields fewer, and so at most this
  // many bytes.
  constexpr std::size_t old_tail = 29;
  bool old = size <= old_tail;
  std::size_t end = from.left() - size;
  auto fits = [&](std::size_t bytes) { return from.left() >= end + bytes; };
  if (!old && fits(8)) thread.pidns_start = from.u64();
  if (!old && fits(4)) thread.tty = from.u32();
  if (fits(4)) thread.loginuid = from.u32();
  if (fits(1)) thread.exe_writable = from.u8();
  if (fits(8)) thread.cap_inheritable = from.u64();
  if (fits(8)) thread.cap_permitted = from.u64();
  if (fits(8)) thread.cap_effective = from.u64();
  if (fits(1)) thread.exe_upper = from.u8();
  if (fits(8)) thread.exe_ino = from.u64();
  if (fits(8)) thread.exe_ctime = from.u64();
  if (fits(8)) thread.exe_mtime = from.u64();
  if (fits(1)) thread.exe_memfd = from.u8();
  if (fits(1)) thread.exe_lower = from.u8();
  if (fits(8)) thread.pgid = from.i64();
  if (thread.pidns_start == 0) thread.pidns_start = state.machine.boot_time;
}

// One entry, without its length. `from` ends where the entry ends if that is known.
std::unique_ptr<Thread> read_process(BlockCursor& from, unsigned version, CaptureState& state) {
  std::unique_ptr<Thread> thread = std::make_unique<Thread>();
  Thread& to = *thread;
  to.tid = from.i64();
  to.pid = from.i64();
  to.ptid = from.i64();
  if (version >= 6) to.sid = from.i64();
  if (version >= 8) to.vpgid = from.i64();
  to.comm = from.text();
  to.exe = from.text();
  if (version >= 7) to.exepath = without_deleted(from.text());
  to.args = from.block();
  std::string_view cwd = from.text();
  to.fdlimit = from.i64();
  to.flags = from.u32() | name_changed | active;
  to.uid = from.u32();
  to.gid = from.u32();
  if (version >= 2) {
    to.memory = {from.u32(), from.u32(), from.u32(), 0, 0};
    to.memory.major_faults = from.u64();
    to.memory.minor_faults = from.u64();
  }
  if (version >= 3) to.env = from.block();
  if (version >= 4) {
    to.vtid = from.i64();
    to.vpid = from.i64();
    to.cgroups = from.block();
  }
  if (version >= 5) to.root = from.text();
  if (version >= 9 && from.ok()) read_process_tail(from, from.left(), to, state);
  to.cmdline_fixed = true;
  if (to.main()) {
    to.cwd = join_path("", cwd);
    if (to.cwd.empty() || to.cwd.back() != '/') to.cwd += '/';
  } else {
    to.env.clear();
  }
  return thread;
}

Result<void> read_processes(BlockCursor from, unsigned version, CaptureState& state) {
  while (from.left() >= least_entry) {
    std::unique_ptr<Thread> thread;
    if (version >= 9) {
      std::uint32_t length = from.u32();
      if (length < 4 || length - 4 > from.left())
        return bad("the length of a process entry is wrong", from);
      BlockCursor entry = from.part(length - 4);
      thread = read_process(entry, version, state);
      if (!entry.ok()) return bad("a process entry is cut off", from);
    } else {
      thread = read_process(from, version, state);
      if (!from.ok()) return bad("a process entry is cut off", from);
    }
    state.threads.insert(std::move(thread));
  }
  return {};
}

void read_ip(BlockCursor& from, std::array<std::uint8_t, 16>& to, std::size_t size) {
  std::string_view bytes = from.bytes(size);
  std::copy(bytes.begin(), bytes.end(), to.begin());
}

void read_pair(BlockCursor& from, FdInfo& fd, std::size_t size) {
  SocketEnds ends;
  read_ip(from, ends.source, size);
  read_ip(from, ends.dest, size);
  ends.source_port = from.u16();
  ends.dest_port = from.u16();
  if (fd.type == FdType::ipv6 && unmap(ends)) fd.type = FdType::ipv4;
  fd.set_ends(ends);
  fd.set_l4(static_cast<L4>(from.u8()));
  fd.connected = fd.l4() == L4::tcp;
  fd.name = socket_name(fd);
}

void read_server(BlockCursor& from, FdInfo& fd, std::size_t size) {
  SocketEnds ends;
  read_ip(from, ends.dest, size);
  ends.dest_port = from.u16();
  fd.set_ends(ends);
  fd.set_l4(static_cast<L4>(from.u8()));
  fd.role = Role::server;
  fd.name = socket_name(fd);
}

// The part of an entry that depends on its type. An unknown type keeps its number in the name.
void read_descriptor(BlockCursor& from, FdInfo& fd, std::uint8_t type, bool with_length) {
  constexpr std::uint8_t last_type = static_cast<std::uint8_t>(FdType::pidfd);
  if (type > last_type) {
    fd.type = FdType::unsupported;
    fd.name = "unknown-type:[" + std::to_string(type) + "]";
    return;
  }
  fd.type = static_cast<FdType>(type);
  switch (fd.type) {
    case FdType::unknown: return;
    case FdType::ipv4: return read_pair(from, fd, 4);
    case FdType::ipv6: return read_pair(from, fd, 16);
    case FdType::ipv4_server: return read_server(from, fd, 4);
    case FdType::ipv6_server: return read_server(from, fd, 16);
    case FdType::unix_socket:
      fd.source = from.u64();
      fd.dest = from.u64();
      fd.name = from.text();
      fd.unix_path = fd.name;
      fd.role = fd.name.empty() ? Role::client : Role::server;
      return;
    case FdType::file_v2:
      fd.flags = from.u32();
      fd.name = from.text();
      if (with_length && from.left() >= 4) fd.dev = from.u32();
      return;
    default: fd.name = from.text(); return;
  }
}

Result<void> read_descriptors(BlockCursor from, bool with_length, CaptureState& state) {
  std::int64_t tid = from.i64();
  Thread* thread = state.threads.find(tid);
  while (from.left() >= least_entry) {
    std::size_t start = from.left();
    std::uint32_t length = with_length ? from.u32() : 0;
    if (with_length && (length < 4 || length > start))
      return bad("the length of a descriptor entry is wrong", from);
    BlockCursor entry = with_length ? from.part(length - 4) : from;
    std::int64_t number = entry.i64();
    FdInfo fd;
    fd.ino = entry.u64();
    std::uint8_t type = entry.u8();
    read_descriptor(entry, fd, type, with_length);
    if (!entry.ok()) return bad("a descriptor entry is cut off", from);
    if (!with_length) from = entry;
    if (thread && fd.type != FdType::unknown)
      if (FdTable* fds = state.threads.fds_of(*thread)) (*fds)[number] = std::move(fd);
  }
  return {};
}

bool read_interface(BlockCursor& from, CaptureState& state) {
  Interface to;
  std::uint16_t type = from.u16();
  std::uint16_t name = from.u16();
  to.v6 = type == 2 || type == 4;
  std::size_t size = to.v6 ? 16 : 4;
  if (type < 1 || type > 4) return false;
  read_ip(from, to.address, size);
  read_ip(from, to.netmask, size);
  from.bytes(size);              // broadcast
  if (type <= 2) from.bytes(8);  // link speed
  to.name = from.bytes(name);
  if (from.ok()) state.interfaces.add(std::move(to));
  return from.ok();
}

Result<void> read_interfaces(BlockCursor from, bool with_length, CaptureState& state) {
  state.interfaces.clear();
  while (from.left() >= least_entry) {
    if (!with_length) {
      if (!read_interface(from, state))
        return bad("an interface entry is cut off or of no known type", from);
      continue;
    }
    std::uint32_t length = from.u32();
    if (length > from.left()) return bad("the length of an interface entry is wrong", from);
    BlockCursor entry = from.part(length);
    if (!read_interface(entry, state))
      return bad("an interface entry is cut off or of no known type", from);
  }
  return {};
}

bool read_user(BlockCursor& from, CaptureState& state) {
  if (from.u8() == 0) {
    UserEntry user;
    user.uid = from.u32();
    user.gid = from.u32();
    user.name = from.text();
    user.home = from.text();
    user.shell = from.text();
    if (from.ok()) state.put_user(user);
  } else {
    GroupEntry group;
    group.gid = from.u32();
    group.name = from.text();
    if (from.ok()) state.put_group(group);
  }
  return from.ok();
}

Result<void> read_users(BlockCursor from, bool with_length, CaptureState& state) {
  while (from.left() >= least_entry) {
    if (!with_length) {
      if (!read_user(from, state)) return bad("a user entry is cut off", from);
      continue;
    }
    std::uint32_t length = from.u32();
    if (length < 4 || length - 4 > from.left())
      return bad("the length of a user entry is wrong", from);
    BlockCursor entry = from.part(length - 4);
    if (!read_user(entry, state)) return bad("a user entry is cut off", from);
  }
  return {};
}

// A connection whose own port has a listening socket was accepted there.
void set_roles(CaptureState& state) {
  std::set<std::uint16_t> listening;
  for (const auto& [tid, thread] : state.threads.all())
    for (const auto& [number, fd] : thread->fds)
      if (fd.ip_server()) listening.insert(fd.ends().dest_port);
  for (const auto& [tid, thread] : state.threads.all()) {
    for (auto& [number, fd] : thread->fds) {
      if (fd.type != FdType::ipv4) continue;
      fd.role = Role::client;
      if (!listening.contains(fd.ends().source_port)) continue;
      fd.role = Role::server;
      fd.set_ends(fd.ends().swapped());
      fd.name = socket_name(fd);
    }
  }
}

}  // namespace

Result<void> read_meta(const CaptureBlock& block, CaptureState& state) {
  BlockCursor from(block.body, state.swapped);
  switch (block.kind) {
    case BlockKind::machine: return read_machine(from, state);
    case BlockKind::processes: return read_processes(from, block.version, state);
    case BlockKind::descriptors: return read_descriptors(from, false, state);
    case BlockKind::descriptors_v2: return read_descriptors(from, true, state);
    case BlockKind::interfaces: return read_interfaces(from, false, state);
    case BlockKind::interfaces_v2: return read_interfaces(from, true, state);
    case BlockKind::users: return read_users(from, false, state);
    case BlockKind::users_v2: return read_users(from, true, state);
    default: return {};
  }
}

void finish_meta(CaptureState& state) {
  state.threads.link_all();
  set_roles(state);
}

}  // namespace saker::scap
