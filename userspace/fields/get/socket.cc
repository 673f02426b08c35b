// SPDX-License-Identifier: Apache-2.0
// fd.*: the ends of a socket.
#include <sys/socket.h>

#include <new>

#include "enrich/hosts.h"
#include "fields/descriptor.h"
#include "fields/getters.h"

namespace saker::fields {
namespace {

// The address or port of one end, if `There` says that it is known.
template <bool Ends::*There, std::string_view Ends::*Address>
Value end_address(const FieldRef&, const Event& event, View, Scratch& scratch) {
  const Ends& ends = ends_of(event, scratch);
  return ends.*There ? Value::of_address(ends.*Address) : Value{};
}
template <bool Ends::*There, std::uint16_t Ends::*Port>
Value end_port(const FieldRef&, const Event& event, View, Scratch& scratch) {
  const Ends& ends = ends_of(event, scratch);
  return ends.*There ? Value::of_natural(ends.*Port) : Value{};
}

// The names of one end's address; unset if none are known.
template <bool Ends::*There, std::string_view Ends::*Address>
Value end_names(const FieldRef&, const Event& event, View, Scratch& scratch) {
  if (!event.hosts) return {};
  const Ends& ends = ends_of(event, scratch);
  if (!(ends.*There)) return {};
  std::span<const std::string> names = event.hosts->names(ends.*Address);
  if (names.size() < 2) return names.empty() ? Value{} : Value::of_text(names[0]);
  auto* items = new (scratch.take(names.size() * sizeof(Value))) Value[names.size()];
  for (std::size_t i = 0; i < names.size(); i++) items[i] = Value::of_text(names[i]);
  return Value::of_list(items, static_cast<std::uint32_t>(names.size()));
}

constexpr auto client_names = end_names<&Ends::has_source, &Ends::source>;
constexpr auto server_names = end_names<&Ends::has_dest, &Ends::dest>;
constexpr auto local_names = end_names<&Ends::connected, &Ends::local>;
constexpr auto remote_names = end_names<&Ends::connected, &Ends::remote>;
constexpr auto client_address = end_address<&Ends::has_source, &Ends::source>;
constexpr auto server_address = end_address<&Ends::has_dest, &Ends::dest>;
constexpr auto local_address = end_address<&Ends::connected, &Ends::local>;
constexpr auto remote_address = end_address<&Ends::connected, &Ends::remote>;
constexpr auto client_port = end_port<&Ends::has_source, &Ends::source_port>;
constexpr auto server_port = end_port<&Ends::has_dest, &Ends::dest_port>;
constexpr auto local_port = end_port<&Ends::connected, &Ends::local_port>;
constexpr auto remote_port = end_port<&Ends::connected, &Ends::remote_port>;

// fd.ip and similar fields have the values of both ends, as far as there are two; those of a socket
// without addresses are zero. A descriptor that is not an IP socket has an empty list, which exists
// but is equal to nothing.
Value both(const Event& event, Scratch& scratch, const Value& dest, const Value& source) {
  const Ends& ends = ends_of(event, scratch);
  if (!ends.ip) return descriptor_of(event, scratch).known ? Value::of_list(nullptr, 0) : Value{};
  auto* items = new (scratch.take(2 * sizeof(Value))) Value[2]{dest, source};
  return Value::of_list(items, ends.has_dest && !ends.has_source ? 1 : 2);
}

Value both_addresses(const FieldRef&, const Event& event, View, Scratch& scratch) {
  const Ends& ends = ends_of(event, scratch);
  return both(event, scratch, Value::of_address(ends.dest), Value::of_address(ends.source));
}

Value both_ports(const FieldRef&, const Event& event, View, Scratch& scratch) {
  const Ends& ends = ends_of(event, scratch);
  return both(event, scratch, Value::of_natural(ends.dest_port),
              Value::of_natural(ends.source_port));
}

Value protocol(const FieldRef&, const Event& event, View, Scratch& scratch) {
  const Descriptor& fd = descriptor_of(event, scratch);
  return fd.known ? Value::of_text(protocol_name(fd.sock)) : Value{};
}

Value family(const FieldRef&, const Event& event, View, Scratch& scratch) {
  const Descriptor& fd = descriptor_of(event, scratch);
  if (!fd.known) return {};
  if (fd.type == SAKER_FD_IPV4 || fd.type == SAKER_FD_IPV6) return Value::of_text("ip");
  return fd.type == SAKER_FD_UNIX ? Value::of_text("unix") : Value{};
}

bool is_loopback(std::string_view address) {
  if (address.size() == 4) return address[0] == 127;
  return address.substr(0, 15).find_first_not_of('\0') == address.npos && address.back() == 1;
}

// This machine is the server: it listens, has accepted, or talks to itself.
Value is_server(const FieldRef&, const Event& event, View, Scratch& scratch) {
  const Descriptor& fd = descriptor_of(event, scratch);
  if (!fd.known) return {};
  Ends ends = ends_of(fd.sock);
  if (!ends.has_dest) return Value::of_bool(false);
  return Value::of_bool(fd.sock->role != SAKER_ROLE_CLIENT || is_loopback(ends.dest) ||
                        ends.dest == ends.local);
}

Value connected(const FieldRef&, const Event& event, View, Scratch& scratch) {
  const Descriptor& fd = descriptor_of(event, scratch);
  if (!fd.known) return {};
  bool in_progress =
      event.record.type() == SAKER_EV_connect && event.record.head().ret == -EINPROGRESS;
  return Value::of_bool(in_progress || (fd.sock && (fd.sock->flags & SAKER_SOCK_CONNECTED)));
}

// A call that determines the socket's ends, including a datagram to or from an explicit address.
Value name_changed(const FieldRef&, const Event& event, View, Scratch& scratch) {
  const Descriptor& fd = descriptor_of(event, scratch);
  if (!fd.known) return {};
  std::int64_t ret = event.record.head().ret;
  if (event.record.family() == decode::Family::sock &&
      given_name(event.record, SAKER_P_sock_name)) {
    return Value::of_bool(fd.sock && (fd.sock->flags & SAKER_SOCK_NAME_CHANGED));
  }
  // A call that makes a descriptor with a name sets that name.
  decode::Family family = event.record.family();
  if (family == decode::Family::open || family == decode::Family::memfd)
    return Value::of_bool(ret >= 0);
  switch (event.record.type()) {
    case SAKER_EV_connect: return Value::of_bool(ret >= 0 || ret == -EINPROGRESS);
    case SAKER_EV_accept:
    case SAKER_EV_accept4:
    case SAKER_EV_bind: return Value::of_bool(ret >= 0);
    case SAKER_EV_sendto:
    case SAKER_EV_sendmsg:
    case SAKER_EV_sendmmsg:
    case SAKER_EV_recvfrom:
    case SAKER_EV_recvmsg:
    case SAKER_EV_recvmmsg:
      return Value::of_bool(fd.sock && (fd.sock->flags & SAKER_SOCK_PEER_ASKED));
    default: return Value::of_bool(false);
  }
}

}  // namespace

const Getter get::fd_cip_name = client_names;
const Getter get::fd_sip_name = server_names;
const Getter get::fd_lip_name = local_names;
const Getter get::fd_rip_name = remote_names;
const Getter get::fd_ip = both_addresses;
const Getter get::fd_cip = client_address;
const Getter get::fd_sip = server_address;
const Getter get::fd_lip = local_address;
const Getter get::fd_rip = remote_address;
const Getter get::fd_port = both_ports;
const Getter get::fd_cport = client_port;
const Getter get::fd_sport = server_port;
const Getter get::fd_lport = local_port;
const Getter get::fd_rport = remote_port;
const Getter get::fd_l4proto = protocol;
const Getter get::fd_sockfamily = family;
const Getter get::fd_is_server = is_server;
const Getter get::fd_connected = connected;
const Getter get::fd_name_changed = name_changed;

}  // namespace saker::fields
