// SPDX-License-Identifier: Apache-2.0
// Which addresses count as local to a thread of a capture: those of the host's interfaces, and
// where it is in a container, the container's own. One thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "scap/state/socket.h"

namespace saker::scap {

class ContainerAddresses {
 public:
  // What a capture says of a container, as JSON. removed: it is gone behind this event.
  void take(std::string_view json, bool removed);
  // Forgets a container that the event before removed.
  void forget_removed();
  // Whether it is the address of that container; where nobody told its own, that of any container.
  // False if nothing was told of it at all.
  bool has(const std::string& container, const std::array<std::uint8_t, 16>& address) const;

 private:
  using Ipv4 = std::array<std::uint8_t, 4>;
  std::unordered_map<std::string, Ipv4> by_id_;  // zero: not told
  std::string removed_;
};

// container: the thread's, empty for the host. IPv6 addresses are none of a container's.
bool local_address(const Interfaces& interfaces, const ContainerAddresses& containers,
                   const std::string& container, const std::array<std::uint8_t, 16>& address,
                   bool v6);

}  // namespace saker::scap
