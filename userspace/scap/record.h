// SPDX-License-Identifier: Apache-2.0
// The record that an event of a capture would have been, had our module seen it: numbers of
// descriptors are resolved against the capture's state, flags are the kernel's. One thread.
#pragma once

#include <saker/event.h>

#include <bitset>
#include <cstddef>
#include <span>

#include "decode/build.h"
#include "scap/state/state.h"

namespace saker::scap {

class RecordMaker {
 public:
  explicit RecordMaker(const CaptureState& state) : state_(state) {}

  // SAKER_EV_* that an event of this type becomes: SAKER_EV_foreign where there is no record of its
  // own; 0: none, its effect on the state is all there is.
  static std::uint16_t record_type(std::uint16_t type);
  // Valid until the next call. `context` is what Tracker::begin made of the event.
  std::span<const std::byte> make(const CaptureEvent& event, const EventState& context);

 private:
  void fill(const CaptureEvent& event, const EventState& context);
  void exec(const CaptureEvent& event, const Thread& thread);
  void fork(const CaptureEvent& event, const Thread& thread);
  void open(const CaptureEvent& event, const EventState& context);
  void path(const CaptureEvent& event, const EventState& context);
  void path2(const CaptureEvent& event, const EventState& context);
  void socket_event(const CaptureEvent& event, const EventState& context);
  void credentials(const CaptureEvent& event, const Thread& thread);
  void namespaces(const CaptureEvent& event);
  void dup(const CaptureEvent& event, const EventState& context);
  void other(const CaptureEvent& event, const EventState& context);
  void foreign(const CaptureEvent& event, const EventState& context);

  void put_path(unsigned slot, const CaptureEvent& event, unsigned index);
  // What a relative name starts from, into `slot`.
  void put_base(unsigned slot, const CaptureEvent& event, unsigned name, const EventState& context,
                std::int64_t dirfd);
  void put_cwd(unsigned slot, const CaptureEvent& event, unsigned name, const EventState& context);
  void put_socket(unsigned sock, unsigned path, unsigned name, const FdInfo& fd,
                  const EventState& context);

  const CaptureState& state_;
  decode::RecordBuilder builder_;
};

// Both ends of a socket, and which of them is this machine's; `fd` is one of IP. Of a pair
// `source_local` says whether the source's is, as local_end() knows it.
saker_sock describe_socket(const FdInfo& fd, bool source_local);

// SAKER_FD_* of what a descriptor refers to.
std::uint32_t fd_kind(const FdInfo& fd);

}  // namespace saker::scap
