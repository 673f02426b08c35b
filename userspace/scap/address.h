// SPDX-License-Identifier: Apache-2.0
// Which addresses are local to a thread of a capture: those of the host's interfaces, and for a
// thread in a container also the container's own. One thread.
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
  // What a capture says about a container, as JSON. removed: this event removes it; it is gone
  // afterwards.
  void take(std::string_view json, bool removed);
  // Forgets a container that the previous event removed.
  void forget_removed();
  // Whether it is the address of that container; if the capture gives no address for it, whether it
  // is the address of any container. False if the capture says nothing about the container.
  bool has(const std::string& container, const std::array<std::uint8_t, 16>& address) const;

 private:
  using Ipv4 = std::array<std::uint8_t, 4>;
  std::unordered_map<std::string, Ipv4> by_id_;  // zero: not given
  std::string removed_;
};

// container: the thread's, empty for the host. An IPv6 address never belongs to a container.
bool local_address(const Interfaces& interfaces, const ContainerAddresses& containers,
                   const std::string& container, const std::array<std::uint8_t, 16>& address,
                   bool v6);

}  // namespace saker::scap
