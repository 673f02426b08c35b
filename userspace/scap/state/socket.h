// SPDX-License-Identifier: Apache-2.0
// Addresses as captures write them, their text, and the rules by which a replay decides who is
// client and who is server. Pure functions of views and descriptors.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scap/state/thread.h"

namespace saker::scap {

// A parameter of type sockaddr or socktuple. `family` 0: it has nothing usable.
struct SocketAddress {
  std::uint16_t family = 0;  // AF_UNIX, AF_INET, AF_INET6, or another family without further data
  std::array<std::uint8_t, 16> ip{};
  std::uint16_t port = 0;
  std::string_view path;
};
struct SocketTuple {
  std::uint16_t family = 0;
  SocketEnds ends;
  std::uint64_t source = 0, dest = 0;  // unix
  std::string_view path;
};
// swapped: ports and pointers are in the other byte order.
SocketAddress read_address(std::string_view bytes, bool swapped);
SocketTuple read_tuple(std::string_view bytes, bool swapped);

// An interface of the host on which the capture was made.
struct Interface {
  bool v6 = false;
  std::array<std::uint8_t, 16> address{}, netmask{};
  std::string name;
};

class Interfaces {
 public:
  void add(Interface interface) { all_.push_back(std::move(interface)); }
  void clear() { all_.clear(); }
  const std::vector<Interface>& all() const { return all_; }
  bool local(const std::array<std::uint8_t, 16>& address, bool v6) const;
  // Replaces a zero end by the address that the host most likely used to talk to the other end.
  void fill_zero_end(SocketEnds& ends, bool v6) const;

 private:
  std::optional<std::array<std::uint8_t, 16>> towards(const std::array<std::uint8_t, 16>& other,
                                                      bool v6) const;
  std::vector<Interface> all_;
};

// IPv4 written as IPv6: ::ffff:a.b.c.d, and also ::.
bool mapped(const std::array<std::uint8_t, 16>& address);
// If both ends are mapped: converts them to the IPv4 pair.
bool unmap(SocketEnds& ends);

std::string address_text(const std::array<std::uint8_t, 16>& address, bool v6);
std::string endpoint_text(const std::array<std::uint8_t, 16>& address, std::uint16_t port, bool v6);
std::string address_text(const SocketAddress& address);
std::string unix_text(std::uint64_t source, std::uint64_t dest, std::string_view path);
std::string pair_text(const SocketEnds& ends, bool v6);
// fd.name of an IP socket from its ends and protocol.
std::string socket_name(const FdInfo& fd);

}  // namespace saker::scap
