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
  explicit RecordMaker(const State& state) : state_(state) {}

  // SAKER_EV_* that an event of this type becomes: SAKER_EV_foreign where there is no record of its
  // own; 0: none, its effect on the state is all there is.
  static std::uint16_t record_type(std::uint16_t type);
  // Valid until the next call. `context` is what Tracker::begin made of the event.
  std::span<const std::byte> make(const Event& event, const Context& context);

 private:
  void fill(const Event& event, const Context& context);
  void exec(const Event& event, const Thread& thread);
  void fork(const Event& event, const Thread& thread);
  void open(const Event& event, const Context& context);
  void path(const Event& event, const Context& context);
  void path2(const Event& event, const Context& context);
  void socket_event(const Event& event, const Context& context);
  void credentials(const Event& event, const Thread& thread);
  void namespaces(const Event& event);
  void dup(const Event& event, const Context& context);
  void other(const Event& event, const Context& context);
  void foreign(const Event& event, const Context& context);

  void put_path(unsigned slot, const Event& event, unsigned index);
  // What a relative name starts from, into `slot`.
  void put_base(unsigned slot, const Event& event, unsigned name, const Context& context,
                std::int64_t dirfd);
  void put_cwd(unsigned slot, const Event& event, unsigned name, const Context& context);
  void put_socket(unsigned sock, unsigned path, unsigned name, const Fd& fd,
                  const Context& context);

  const State& state_;
  decode::RecordBuilder builder_;
};

// Both ends of a socket, and which of them is this machine's; `fd` is one of IP. Of a pair
// `source_local` says whether the source's is, as local_end() knows it.
saker_sock describe_socket(const Fd& fd, bool source_local);

// SAKER_FD_* of what a descriptor refers to.
std::uint32_t fd_kind(const Fd& fd);

}  // namespace saker::scap
