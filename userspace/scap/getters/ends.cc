// SPDX-License-Identifier: Apache-2.0
// Addresses and ports of a socket in a capture: like fields/get/socket.cc, but for the two ends
// that the capture's own descriptor table has.
#include <new>
#include <vector>

#include "fields/descriptor.h"
#include "fields/extract.h"
#include "fields/getters.h"
#include "scap/getters/getters.h"
#include "scap/record.h"

namespace saker::scap::getters {

using fields::Ends, fields::ends_of;

namespace {

// Without any ends if it is not an IP socket.
Ends make_ends(const ShownEvent& view, Scratch& scratch) {
  const EventState& context = *view.context;
  if (!context.has_fd || !context.thread || !context.fd || !context.fd->ip())
    return ends_of(nullptr);
  const bool local =
      context.fd->ip_pair() && view.lookup->local(*context.thread, *context.fd, true);
  const auto* sock =
      new (scratch.take(sizeof(saker_sock))) saker_sock(scap::describe_socket(*context.fd, local));
  return ends_of(sock);
}

Value with_ends(const FieldRef& field, const Event& event, View view, Scratch& scratch) {
  socket_ends(event, scratch);
  return own_origin.getters()[field.slot](field, event, view, scratch);
}

}  // namespace

const Ends& socket_ends(const Event& event, Scratch& scratch) {
  if (!scratch.ends) {
    const Ends ends = make_ends(capture_of(event), scratch);
    scratch.ends = new (scratch.take(sizeof(Ends))) Ends(ends);
  }
  return *scratch.ends;
}

std::span<const GetterRow> ends_getters() {
  static const std::vector<GetterRow> getters = [] {
    std::vector<GetterRow> out;
    for (fields::FieldId id = 0; id < fields::all_fields().size(); id++)
      if (fields::all_fields()[id].ends) out.emplace_back(id, with_ends);
    return out;
  }();
  return getters;
}

}  // namespace saker::scap::getters
