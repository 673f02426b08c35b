// SPDX-License-Identifier: Apache-2.0
#include "scap/state/socket.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "scap/block_cursor.h"

namespace saker::scap {
namespace {

using Ip = std::array<std::uint8_t, 16>;

void read_ip(BlockCursor& from, Ip& to, bool v6) {
  std::string_view bytes = from.bytes(v6 ? 16 : 4);
  std::copy(bytes.begin(), bytes.end(), to.begin());
}

// The path of a socket must be NUL-terminated.
bool read_path(BlockCursor& from, std::string_view& path) {
  std::string_view rest = from.bytes(from.left());
  if (rest.empty() || rest.back() != '\0') return false;
  path = rest.substr(0, rest.find('\0'));
  return true;
}

bool zero(const Ip& ip) {
  return std::all_of(ip.begin(), ip.end(), [](std::uint8_t byte) { return byte == 0; });
}

bool loopback(const Interface& interface) {
  if (!interface.v6) return interface.address[0] == 127;
  Ip one{};
  one[15] = 1;
  return interface.address == one;
}

bool same_net(const Interface& interface, const Ip& other) {
  if (interface.v6) return std::equal(other.begin(), other.begin() + 8, interface.address.begin());
  for (int i = 0; i < 4; i++)
    if ((interface.address[i] ^ other[i]) & interface.netmask[i]) return false;
  return true;
}

}  // namespace

SocketAddress read_address(std::string_view bytes, bool swapped) {
  BlockCursor from(bytes, swapped);
  SocketAddress out;
  out.family = from.u8();
  bool good = true;
  if (out.family == AF_UNIX) {
    good = read_path(from, out.path);
  } else if (out.family == AF_INET || out.family == AF_INET6) {
    read_ip(from, out.ip, out.family == AF_INET6);
    out.port = from.u16();
    good = from.ok();
  }
  return good ? out : SocketAddress{};
}

SocketTuple read_tuple(std::string_view bytes, bool swapped) {
  BlockCursor from(bytes, swapped);
  SocketTuple out;
  out.family = from.u8();
  bool good = true;
  if (out.family == AF_UNIX) {
    out.source = from.u64();
    out.dest = from.u64();
    good = from.ok() && read_path(from, out.path);
  } else if (out.family == AF_INET || out.family == AF_INET6) {
    bool v6 = out.family == AF_INET6;
    read_ip(from, out.ends.source, v6);
    out.ends.source_port = from.u16();
    read_ip(from, out.ends.dest, v6);
    out.ends.dest_port = from.u16();
    good = from.ok();
  }
  return good ? out : SocketTuple{};
}

bool Interfaces::local(const Ip& address, bool v6) const {
  return std::any_of(all_.begin(), all_.end(), [&](const Interface& each) {
    if (each.v6 != v6) return false;
    std::size_t size = v6 ? 8 : 4;  // for IPv6 only the network part counts
    return std::equal(address.begin(), address.begin() + size, each.address.begin());
  });
}

std::optional<Ip> Interfaces::towards(const Ip& other, bool v6) const {
  for (const Interface& each : all_)
    if (each.v6 == v6 && each.address == other) return each.address;
  for (const Interface& each : all_)
    if (each.v6 == v6 && same_net(each, other)) return each.address;
  for (const Interface& each : all_)
    if (each.v6 == v6 && !loopback(each)) return each.address;
  return std::nullopt;
}

void Interfaces::fill_zero_end(SocketEnds& ends, bool v6) const {
  bool source = zero(ends.source);
  if (!source && !zero(ends.dest)) return;
  const Ip& other = source ? ends.dest : ends.source;
  std::optional<Ip> found = towards(other, v6);
  if (!found || (*found == other && ends.source_port == ends.dest_port)) return;
  (source ? ends.source : ends.dest) = *found;
}

bool mapped(const Ip& address) {
  if (!std::all_of(address.begin(), address.begin() + 10, [](std::uint8_t b) { return b == 0; }))
    return false;
  return (address[10] == 0xff && address[11] == 0xff) || zero(address);
}

bool unmap(SocketEnds& ends) {
  if (!mapped(ends.source) || !mapped(ends.dest)) return false;
  for (Ip* ip : {&ends.source, &ends.dest}) {
    Ip short_form{};
    std::copy(ip->begin() + 12, ip->end(), short_form.begin());
    *ip = short_form;
  }
  return true;
}

std::string address_text(const Ip& address, bool v6) {
  char text[INET6_ADDRSTRLEN];
  return inet_ntop(v6 ? AF_INET6 : AF_INET, address.data(), text, sizeof text);
}

std::string endpoint_text(const Ip& address, std::uint16_t port, bool v6) {
  return address_text(address, v6) + ':' + std::to_string(port);
}

std::string address_text(const SocketAddress& address) {
  if (address.family == AF_UNIX) return std::string(address.path);
  if (address.family == AF_INET || address.family == AF_INET6)
    return endpoint_text(address.ip, address.port, address.family == AF_INET6);
  return "family " + std::to_string(address.family);
}

std::string unix_text(std::uint64_t source, std::uint64_t dest, std::string_view path) {
  char text[40];
  char* at = std::to_chars(text, text + 16, source, 16).ptr;
  *at++ = '-';
  *at++ = '>';
  at = std::to_chars(at, at + 16, dest, 16).ptr;
  std::string out(text, at);
  out += ' ';
  out += path;
  return out;
}

std::string pair_text(const SocketEnds& ends, bool v6) {
  return endpoint_text(ends.source, ends.source_port, v6) + "->" +
         endpoint_text(ends.dest, ends.dest_port, v6);
}

std::string socket_name(const FdInfo& fd) {
  SocketEnds ends = fd.ends();
  bool v6 = fd.v6();
  if (fd.ip_server()) return endpoint_text(ends.dest, ends.dest_port, v6);
  switch (fd.l4()) {
    case L4::icmp:
    case L4::raw: return address_text(ends.source, v6) + "->" + address_text(ends.dest, v6);
    case L4::tcp:
    case L4::udp: return pair_text(ends, v6);
    default: return "<unknown>";
  }
}

}  // namespace saker::scap
