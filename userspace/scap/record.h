// SPDX-License-Identifier: Apache-2.0
// The record that our module would have written for an event of a capture: numbers of descriptors
// are resolved with the capture's state, flags are converted to the kernel's. One thread.
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

  // The SAKER_EV_* for an event of this type: SAKER_EV_foreign if there is no specific record; 0:
  // none, the event only changes state.
  static std::uint16_t record_type(std::uint16_t type);
  // Valid until the next call. `context` is the result of Tracker::begin for the event.
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
  void ring_setup(const CaptureEvent& event);
  void ring_use(const CaptureEvent& event, const EventState& context);
  void foreign(const CaptureEvent& event, const EventState& context);

  void put_path(unsigned slot, const CaptureEvent& event, unsigned index);
  // Puts the base of a relative name into `slot`.
  void put_base(unsigned slot, const CaptureEvent& event, unsigned name, const EventState& context,
                std::int64_t dirfd);
  void put_cwd(unsigned slot, const CaptureEvent& event, unsigned name, const EventState& context);
  void put_socket(unsigned sock, unsigned path, unsigned name, const FdInfo& fd,
                  const EventState& context);

  const CaptureState& state_;
  decode::RecordBuilder builder_;
};

// Both ends of a socket, and which of them is this machine's; `fd` is an IP socket. For a pair,
// `source_local` says whether the source is local, as computed by local_end().
saker_sock describe_socket(const FdInfo& fd, bool source_local);

// The SAKER_FD_* of a descriptor's object.
std::uint32_t fd_kind(const FdInfo& fd);

}  // namespace saker::scap
