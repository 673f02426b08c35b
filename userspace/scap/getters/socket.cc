// SPDX-License-Identifier: Apache-2.0
// fd.* for a socket of an event in a capture, where fields/get/socket.cc does not serve captures
// too: fields about both ends, and about local and remote ends.
#include <new>

#include "enrich/hosts.h"
#include "fields/descriptor.h"
#include "scap/getters/getters.h"
#include "scap/record.h"

namespace saker::scap::getters {
namespace {

using fields::Ends;

bool local(const Event& event, const FdInfo& fd, bool source) {
  return capture_of(event).lookup->local(*capture_of(event).context->thread, fd, source);
}

Value is_server(const FieldRef&, const Event& event, View, Scratch&) {
  const FdInfo* fd = fd_of(event);
  if (!fd) return {};
  return Value::of_bool(fd->ip_pair() ? local(event, *fd, false) : fd->ip_server());
}

Value protocol(const FieldRef&, const Event& event, View, Scratch&) {
  const FdInfo* fd = fd_of(event);
  if (!fd) return {};
  if (fd->l4() != L4::raw && fd->ip_pair() && fd->role == Role::none) return Value::of_text("<NA>");
  switch (fd->l4()) {
    case L4::tcp: return Value::of_text("tcp");
    case L4::udp: return Value::of_text("udp");
    case L4::icmp: return Value::of_text("icmp");
    case L4::raw: return Value::of_text("raw");
    default: return Value::of_text("<NA>");
  }
}

// A port as text: the table of services belongs to the host, not to the capture, so it is not used.
// A listening server has no port as text; neither has the client's end of a socket without ports.
template <bool Source>
Value service(const FieldRef&, const Event& event, View, Scratch& scratch) {
  const FdInfo* fd = fd_of(event);
  if (!fd || (!Source && !fd->ip())) return {};
  if (fd->ip_server()) return Value::of_text("");
  if (fd->role == Role::none) return {};
  if (!fd->ip()) return Value::of_text("");
  SocketEnds ends = fd->ends();
  return Value::of_text(scratch.keep(std::to_string(Source ? ends.source_port : ends.dest_port)));
}

// The end that is this machine's, or the other one.
template <bool Local>
Value end_service(const FieldRef& field, const Event& event, View view, Scratch& scratch) {
  const FdInfo* fd = fd_of(event);
  if (!fd || !fd->ip_pair()) return {};
  return local(event, *fd, true) == Local ? service<true>(field, event, view, scratch)
                                          : service<false>(field, event, view, scratch);
}

Value family(const FieldRef&, const Event& event, View, Scratch&) {
  const FdInfo* fd = fd_of(event);
  if (fd && fd->ip()) return Value::of_text("ip");
  return fd && fd->type == FdType::unix_socket ? Value::of_text("unix") : Value{};
}

// Both ends, set or not: those of a socket without addresses are zero. For a descriptor that is not
// a socket, an empty list, which exists but is equal to nothing.
template <typename Make>
Value both(const Event& event, Scratch& scratch, Make make) {
  const FdInfo* fd = fd_of(event);
  if (!fd) return {};
  if (!fd->ip()) return Value::of_list(nullptr, 0);
  auto* items = new (scratch.take(2 * sizeof(Value))) Value[2];
  const SocketEnds ends = fd->ends();
  items[0] = make(*fd, ends.dest, ends.dest_port);
  items[1] = make(*fd, ends.source, ends.source_port);
  return Value::of_list(items, fd->ip_server() ? 1 : 2);
}

Value both_addresses(const FieldRef&, const Event& event, View, Scratch& scratch) {
  return both(event, scratch, [&](const FdInfo& fd, const auto& address, std::uint16_t) {
    const std::string_view bytes(reinterpret_cast<const char*>(address.data()), fd.v6() ? 16 : 4);
    return Value::of_address(scratch.keep(bytes));
  });
}

Value both_ports(const FieldRef&, const Event& event, View, Scratch& scratch) {
  return both(event, scratch, [](const FdInfo&, const auto&, std::uint16_t port) {
    return Value::of_natural(port);
  });
}

// Names of one end. For an end without names, the empty text, which outputs leave out; for a
// descriptor that is not a connection, an empty list.
template <bool Ends::*There, std::string_view Ends::*Address>
Value names(const FieldRef&, const Event& event, View, Scratch& scratch) {
  if (!fd_of(event)) return {};
  const Ends& ends = socket_ends(event, scratch);
  if (!(ends.*There)) return Value::of_list(nullptr, 0);
  if (!event.hosts) return Value::of_text("");
  const std::span<const std::string> all = event.hosts->names(ends.*Address);
  if (all.empty()) return Value::of_text("");
  auto* items = new (scratch.take(all.size() * sizeof(Value))) Value[all.size()];
  for (std::size_t i = 0; i < all.size(); i++) items[i] = Value::of_text(all[i]);
  return all.size() == 1 ? items[0] : Value::of_list(items, static_cast<std::uint32_t>(all.size()));
}
constexpr auto client_names = names<&Ends::has_source, &Ends::source>;
constexpr auto server_names = names<&Ends::has_dest, &Ends::dest>;
constexpr auto local_names = names<&Ends::connected, &Ends::local>;
constexpr auto remote_names = names<&Ends::connected, &Ends::remote>;

constexpr GetterRow getters[] = {
    {"fd.cip.name", client_names},     {"fd.sip.name", server_names},
    {"fd.lip.name", local_names},      {"fd.rip.name", remote_names},
    {"fd.is_server", is_server},       {"fd.l4proto", protocol},
    {"fd.sockfamily", family},         {"fd.cproto", service<true>},
    {"fd.sproto", service<false>},     {"fd.lproto", end_service<true>},
    {"fd.rproto", end_service<false>}, {"fd.ip", both_addresses},
    {"fd.net", both_addresses},        {"fd.port", both_ports},
    {"fd.proto", both_ports},
};

}  // namespace

std::span<const GetterRow> socket_getters() { return getters; }

}  // namespace saker::scap::getters
