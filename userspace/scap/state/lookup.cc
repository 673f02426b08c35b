// SPDX-License-Identifier: Apache-2.0
#include "scap/state/lookup.h"

#include <algorithm>
#include <bitset>

#include "scap/show.h"

namespace saker::scap {
namespace {

// An empty name is not the same as none.
std::string_view there(const std::string& text) { return {text.c_str(), text.size()}; }

bool numbered_by_namespace(const Thread& thread) {
  return (thread.flags & child_in_pidns) || (thread.tid != thread.vtid && thread.vtid >= 0);
}

}  // namespace

const FdInfo* StateLookup::fd_of(const Thread& thread, std::int64_t number) const {
  return state_.threads.fd_of(thread, number);
}

// The thread with the number of the session or group; otherwise the last one in the chain of
// parents that are in it. The parent here is the thread that forked, whether or not it is a main
// thread.
Leader StateLookup::leader_of(const Thread& thread, LeaderKind what) const {
  static constexpr std::int64_t Thread::*const ids[leader_kinds] = {&Thread::sid, &Thread::vpgid,
                                                                    &Thread::pgid};
  std::int64_t Thread::*const id = ids[static_cast<unsigned>(what)];
  if (thread.*id == -1) return {};
  const bool by_number = what == LeaderKind::group || !numbered_by_namespace(thread);
  const Thread* found = by_number ? state_.threads.find(thread.*id) : nullptr;
  const Thread* at = &thread;
  constexpr unsigned farthest = 1024;
  for (unsigned i = 0; !found && i < farthest; i++) {
    const Thread* up = state_.threads.find(at->ptid);
    if (!up || up == at || up->*id != thread.*id) break;
    at = up;
  }
  if (!found && at != &thread) found = at;
  return found ? Leader{found->comm, found->exe, found->exepath} : Leader{};
}

std::int64_t StateLookup::fd_limit_of(const Thread& thread) const {
  const Thread* main = state_.threads.main_of(thread);
  return main ? main->fdlimit : 0;
}

const Kin& StateLookup::kin_of(const Thread& thread) const {
  if (kin_serial_ == thread.serial && kin_changed_ == threads_changed()) return kin_;
  kin_serial_ = thread.serial, kin_changed_ = threads_changed();
  Kin& kin = kin_ = {};
  kin.main = thread.main();
  kin.exe_age = thread.exe_age;
  if (const Thread* main = state_.threads.main_of(thread)) {
    kin.main_there = true;
    kin.main_comm = main->comm;
    kin.main_exe = main->exe;
    kin.main_exepath = main->exepath;
    kin.main_args = main->args;
  }
  if (const Thread* parent = state_.threads.find(thread.ptid)) {
    kin.parent_there = true;
    kin.parent_vpid = parent->vpid;
    kin.parent_began = parent->clone_time;
  }
  return kin;
}

std::string StateLookup::types_of(const Thread& thread) const {
  std::string types;
  const FdTable* fds = state_.threads.fds_of(const_cast<Thread&>(thread));
  if (!fds) return types;
  std::bitset<256> met;  // a process may have very many descriptors of few types
  for (const auto& [number, fd] : *fds) {
    const auto type = static_cast<std::uint8_t>(fd.type);
    if (met[type]) continue;
    met[type] = true;
    const std::string_view word = type_word(fd.type);
    const bool seen = std::ranges::any_of(
        types, [&](char type) { return type_word(static_cast<FdType>(type)) == word; });
    if (!seen) types += static_cast<char>(fd.type);
  }
  return types;
}

std::string_view StateLookup::comm_of(std::int64_t tid) const {
  const Thread* thread = state_.threads.find(tid);
  return thread ? there(thread->comm) : std::string_view();
}

std::string_view StateLookup::user(std::uint32_t uid) const {
  auto at = state_.users.find(uid);
  return at != state_.users.end() ? there(at->second.name) : std::string_view();
}

std::string_view StateLookup::group(std::uint32_t gid) const {
  auto at = state_.groups.find(gid);
  return at != state_.groups.end() ? there(at->second.name) : std::string_view();
}

}  // namespace saker::scap
