// SPDX-License-Identifier: Apache-2.0
// Part of scap::Tracker: sockets, their ends, and which of them is the server.
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>

#include "scap/state/state.h"

namespace saker::scap {
namespace {

L4 protocol_of(std::uint32_t type, std::uint32_t protocol) {
  std::uint32_t kind = type & 0xff;
  switch (protocol) {
    case IPPROTO_TCP: return type == SOCK_RAW ? L4::raw : L4::tcp;
    case IPPROTO_UDP: return type == SOCK_RAW ? L4::raw : L4::udp;
    case IPPROTO_ICMP: return type == SOCK_RAW ? L4::raw : L4::icmp;
    case IPPROTO_RAW: return L4::raw;
    case 0: return kind == SOCK_STREAM ? L4::tcp : kind == SOCK_DGRAM ? L4::udp : L4::unknown;
    default: return L4::unknown;
  }
}

FdType socket_type(std::uint32_t domain) {
  switch (domain) {
    case AF_UNIX: return FdType::unix_socket;
    case AF_INET: return FdType::ipv4;
    case AF_INET6: return FdType::ipv6;
    case AF_NETLINK: return FdType::netlink;
    default: return FdType::unknown;
  }
}

bool ip_family(std::uint16_t family) { return family == AF_INET || family == AF_INET6; }

// A destination read from the caller's memory after the call may have been changed there: then the
// value read before the call counts. A destination that differs from the memory comes from the
// kernel itself.
void mend_target(SocketTuple& tuple, const SocketAddress& after, const SocketAddress& before) {
  if (after.family != tuple.family || before.family != tuple.family) return;
  if (tuple.family == AF_UNIX) {
    if (tuple.path == after.path) tuple.path = before.path;
  } else if (tuple.ends.dest == after.ip && tuple.ends.dest_port == after.port) {
    tuple.ends.dest = before.ip;
    tuple.ends.dest_port = before.port;
  }
}

}  // namespace

void Tracker::socket(const CaptureEvent& event) {
  std::int64_t number = event.result();
  if (number < 0 || !event.has(0)) return;
  FdInfo fd;
  fd.type = socket_type(event.u32(1));
  if (fd.ip()) fd.set_l4(protocol_of(event.u32(2), event.u32(3)));
  now_.fd = store(number, std::move(fd));
}

void Tracker::socketpair(const CaptureEvent& event) {
  std::int64_t first = event.number(1), second = event.number(2);
  if (event.result() < 0 || first == second) return;
  FdInfo fd;
  fd.type = FdType::unix_socket;
  fd.source = event.natural(3);
  fd.dest = event.natural(4);
  FdInfo other = fd;
  std::swap(other.source, other.dest);
  store(first, std::move(fd));
  store(second, std::move(other));
  now_.fd = state_.threads.fd_of(*now_.thread, first);
}

void Tracker::bind(const CaptureEvent& event) {
  if (!now_.fd || event.result() < 0) return;
  SocketAddress address = read_address(event.bytes(1), state_.swapped);
  if (address.family == 0) return;
  FdInfo& fd = *now_.fd;
  bool v6 = address.family == AF_INET6;
  if (ip_family(address.family) && address.port > 0) {
    SocketEnds ends;
    ends.dest = address.ip;
    ends.dest_port = address.port;
    if (v6 && mapped(address.ip)) {
      ends.source = ends.dest;
      unmap(ends);
      ends.source = {};
      v6 = false;
    }
    L4 l4 = fd.l4();
    fd.type = v6 ? FdType::ipv6_server : FdType::ipv4_server;
    fd.set_ends(ends);
    fd.set_l4(l4);
    fd.role = Role::server;
    now_.name_changed = true;
  }
  fd.name = address_text(address);
  if (address.family == AF_UNIX) fd.unix_path = address.path;
}

// Takes over the ends reported by the kernel. False: they were known already. An IPv4 pair makes it
// an IPv4 socket; an IPv6 pair leaves the type unchanged, also that of a bound socket.
bool Tracker::update(FdInfo& fd, const SocketTuple& tuple) {
  SocketEnds ends = tuple.ends;
  bool v6 = tuple.family == AF_INET6 && !unmap(ends);
  FdType type = v6 ? FdType::ipv6 : FdType::ipv4;
  if (fd.type == type && (fd.ends() == ends || fd.ends().swapped() == ends)) return false;
  if (!v6) fd.type = type;
  fd.area.set_ends(v6 ? SocketArea::pair6 : SocketArea::pair4, ends);
  return true;
}

void Tracker::connect(const CaptureEvent& event) {
  std::int64_t result = event.result();
  if (!now_.fd || (result < 0 && result != -EINPROGRESS)) return;
  FdInfo& fd = *now_.fd;
  fd.connected = true;
  SocketTuple tuple = read_tuple(event.bytes(1), state_.swapped);
  const EnterEvent& call = now_.thread->enter;
  SocketAddress asked = call.valid ? read_address(call.path, state_.swapped) : SocketAddress{};
  if (tuple.family != 0) mend_target(tuple, read_address(event.bytes(3), state_.swapped), asked);
  if (tuple.family == 0) {
    if (!ip_family(asked.family)) return;
    fd.type = asked.family == AF_INET6 ? FdType::ipv6 : FdType::ipv4;
    SocketEnds ends = fd.ends();
    ends.dest = asked.ip;
    ends.dest_port = asked.port;
    fd.set_ends(ends);
    return;
  }
  if (ip_family(tuple.family)) {
    bool changed = update(fd, tuple);
    // Unlike a datagram, a connection changes the socket to its family.
    SocketEnds ends = tuple.ends;
    if (tuple.family == AF_INET6 && !unmap(ends)) fd.type = FdType::ipv6;
    if (fd.role == Role::none)
      fd.role = Role::client;
    else if (fd.role == Role::server && fd.type == FdType::ipv4 && fd.l4() == L4::udp && changed)
      fd.set_ends(fd.ends().swapped());
    fd.name = socket_name(fd);
    now_.name_changed = changed;
  } else if (tuple.family == AF_UNIX && fd.type == FdType::unix_socket) {
    if (fd.role == Role::none) fd.role = Role::client;
    fd.source = tuple.source;
    fd.dest = tuple.dest;
    fd.unix_path = tuple.path;
    fd.name = unix_text(tuple.source, tuple.dest, tuple.path);
  }
}

void Tracker::accept(const CaptureEvent& event) {
  constexpr std::uint32_t o_cloexec = 1u << 12;
  std::int64_t number = event.result();
  if (number < 0 || !event.has(0)) return;
  SocketTuple tuple = read_tuple(event.bytes(1), state_.swapped);
  now_.thread->last_fd = number;
  FdInfo fd;
  if (ip_family(tuple.family)) {
    fd.type = FdType::ipv6;
    update(fd, tuple);
    fd.set_l4(L4::tcp);
    fd.name = socket_name(fd);
  } else if (tuple.family == AF_UNIX) {
    fd.type = FdType::unix_socket;
    fd.source = tuple.source;
    fd.dest = tuple.dest;
    fd.unix_path = tuple.path;
    fd.name = unix_text(tuple.source, tuple.dest, tuple.path);
  } else {
    return;
  }
  fd.role = Role::server;
  fd.connected = true;
  if (event.type == accept4_6_x) fd.flags = event.u32(5) & o_cloexec;
  now_.fd = store(number, std::move(fd));
}

void Tracker::transfer(const CaptureEvent& event, unsigned tuple_index, bool receives) {
  if (event.result() < 0) return;
  SocketTuple tuple = read_tuple(event.bytes(tuple_index), state_.swapped);
  bool names_peer = event.type == send_x || event.type == sendto_x || event.type == sendmsg_x;
  if (!now_.fd && names_peer && ip_family(tuple.family) && now_.thread->last_fd >= 0) {
    FdInfo fd;
    fd.type = tuple.family == AF_INET6 ? FdType::ipv6 : FdType::ipv4;
    fd.set_l4(L4::udp);
    now_.fd = store(now_.thread->last_fd, std::move(fd));
  }
  if (!now_.fd) return;
  FdInfo& fd = *now_.fd;
  if (fd.ip_pair()) fd.connected = true;
  if (fd.type == FdType::ipv4 && fd.l4() == L4::tcp && !fd.name.empty()) return;
  if (tuple.family == AF_UNIX) {
    now_.name_changed = fd.source != tuple.source || fd.dest != tuple.dest;
    fd.type = FdType::unix_socket;
    fd.source = tuple.source;
    fd.dest = tuple.dest;
    fd.unix_path = tuple.path;
    fd.name = unix_text(tuple.source, tuple.dest, tuple.path);
    return;
  }
  if (!ip_family(tuple.family) || !update(fd, tuple)) return;
  now_.name_changed = true;
  // A bound socket without an IPv4 pair has only the address that it is bound to; the name belongs
  // to this event only.
  if (!fd.ip_pair()) {
    fd.name = pair_text(tuple.ends, tuple.family == AF_INET6);
    return;
  }
  if (fd.l4() == L4::unknown) fd.set_l4(L4::udp);
  SocketEnds ends = fd.ends();
  state_.interfaces.fill_zero_end(ends, fd.v6());
  if (fd.role == Role::none) fd.role = receives && !fd.v6() ? Role::server : Role::client;
  if (receives ? fd.role == Role::client : fd.role == Role::server) ends = ends.swapped();
  fd.set_ends(ends);
  fd.name = socket_name(fd);
}

}  // namespace saker::scap
