// SPDX-License-Identifier: Apache-2.0
// What was known around an event of a capture when it happened: the meaning of its numbers. Used by
// the code that shows the event (scap/show.h, match/); answered from the reader's state, or from a
// recording that stored the answers. One thread; answers are valid until the next event.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "scap/state/state.h"

namespace saker::scap {

// The leader of a session or a group of processes.
enum class LeaderKind : unsigned { session, virtual_group, group };
constexpr unsigned leader_kinds = 3;
struct Leader {
  std::string_view comm, exe, exepath;
};

// What fields need to know about a thread's process and its parent beyond their images.
struct Kin {
  bool main = false;  // it is the main thread
  // there is a main thread, itself or another; the members below describe it
  bool main_there = false;
  // the last one: NUL-terminated texts
  std::string_view main_comm, main_exe, main_exepath, main_args;
  bool parent_there = false;  // a thread with the number of its parent exists, main thread or not
  std::int64_t parent_vpid = -1;
  std::uint64_t parent_began = 0;  // 0: before the capture
  std::uint64_t exe_age = 0;       // Thread::exe_age
};

class CaptureLookup {
 public:
  virtual ~CaptureLookup() = default;
  // `thread`: the thread of the event.
  virtual const FdInfo* fd_of(const Thread& thread, std::int64_t number) const = 0;
  virtual std::string_view cwd_of(const Thread& thread) const = 0;
  virtual Leader leader_of(const Thread& thread, LeaderKind what) const = 0;
  virtual std::int64_t fd_limit_of(const Thread& thread) const = 0;
  virtual const Kin& kin_of(const Thread& thread) const = 0;
  // Stays the same as long as the container, the leader and the kin of no thread change; 0: not
  // known.
  virtual std::uint64_t threads_changed() const { return 0; }
  // Types of the thread's descriptors, one FdType each; types with the same name once.
  virtual std::string types_of(const Thread& thread) const = 0;
  // Whether an end of the event's IP socket is local to the thread.
  virtual bool local(const Thread& thread, const FdInfo& fd, bool source) const = 0;
  // Null data: no such thread, user or group.
  virtual std::string_view comm_of(std::int64_t tid) const = 0;
  virtual std::string_view user(std::uint32_t uid) const = 0;
  virtual std::string_view group(std::uint32_t gid) const = 0;
  virtual const Interfaces& interfaces() const = 0;
  virtual std::string_view host() const = 0;  // the machine on which the capture was made
  virtual bool swapped() const = 0;           // addresses in parameters are in the other byte order
};

class StateLookup : public CaptureLookup {
 public:
  explicit StateLookup(const CaptureState& state) : state_(state) {}

  const FdInfo* fd_of(const Thread& thread, std::int64_t number) const override;
  std::string_view cwd_of(const Thread& thread) const override {
    return state_.threads.cwd_of(thread);
  }
  Leader leader_of(const Thread& thread, LeaderKind what) const override;
  std::int64_t fd_limit_of(const Thread& thread) const override;
  const Kin& kin_of(const Thread& thread) const override;
  std::uint64_t threads_changed() const override { return state_.threads.now(); }
  std::string types_of(const Thread& thread) const override;
  bool local(const Thread& thread, const FdInfo& fd, bool source) const override {
    return local_end(state_, &thread, fd, source);
  }
  std::string_view comm_of(std::int64_t tid) const override;
  std::string_view user(std::uint32_t uid) const override;
  std::string_view group(std::uint32_t gid) const override;
  const Interfaces& interfaces() const override { return state_.interfaces; }
  std::string_view host() const override { return state_.machine.host; }
  bool swapped() const override { return state_.swapped; }

 private:
  const CaptureState& state_;
  // Of the last thread asked for, and what it was made of.
  mutable Kin kin_;
  mutable std::uint64_t kin_serial_ = 0, kin_changed_ = 0;
};

}  // namespace saker::scap
