// SPDX-License-Identifier: Apache-2.0
// fdlist.* for a poll in a capture: the objects of its descriptors, separated by commas.
#include "scap/getters/getters.h"
#include "scap/state/socket.h"

namespace saker::scap::getters {
namespace {

int list_param(const CaptureEvent& event) {
  const std::vector<ShownParam>& params = shown_type(event.type).params;
  for (unsigned i = 0; i < params.size(); i++)
    if (params[i].kind == ParamKind::fd_list) return static_cast<int>(i);
  return -1;
}

// One text for each descriptor for which `text` returns one. Null fd: nothing is known about it.
template <typename Text>
Value joined(const Event& event, Scratch& scratch, Text text) {
  const ShownEvent& view = capture_of(event);
  const int param = list_param(*view.event);
  if (param < 0 || !view.context->thread) return {};
  std::vector<std::int64_t> numbers;
  scap::list_descriptors(view, static_cast<unsigned>(param), numbers);
  std::string out;
  for (std::int64_t number : numbers) {
    const std::string each = text(number, view.lookup->fd_of(*view.context->thread, number));
    if (each.empty()) continue;
    if (!out.empty()) out += ',';
    out += each;
  }
  return out.empty() ? Value{} : Value::of_text(scratch.keep(out));
}

Value numbers(const FieldRef&, const Event& event, View, Scratch& scratch) {
  return joined(event, scratch,
                [](std::int64_t number, const FdInfo*) { return std::to_string(number); });
}

Value names(const FieldRef&, const Event& event, View, Scratch& scratch) {
  return joined(event, scratch, [](std::int64_t, const FdInfo* fd) {
    return fd && !fd->name.empty() ? fd->name : std::string("<NA>");
  });
}

// A listening server has only its own address; for IPv6 its first bytes are shown as if it were
// IPv4.
template <bool Client>
Value addresses(const FieldRef&, const Event& event, View, Scratch& scratch) {
  return joined(event, scratch, [](std::int64_t, const FdInfo* fd) -> std::string {
    if (!fd || !fd->ip() || (Client && fd->ip_server())) return "";
    return scap::address_text(Client ? fd->ends().source : fd->ends().dest,
                              fd->v6() && fd->ip_pair());
  });
}

template <bool Client>
Value ports(const FieldRef&, const Event& event, View, Scratch& scratch) {
  return joined(event, scratch, [](std::int64_t, const FdInfo* fd) -> std::string {
    if (!fd || !fd->ip_pair()) return "";
    return std::to_string(Client ? fd->ends().source_port : fd->ends().dest_port);
  });
}

constexpr GetterRow getters[] = {
    {"fdlist.nums", numbers},         {"fdlist.names", names},
    {"fdlist.cips", addresses<true>}, {"fdlist.sips", addresses<false>},
    {"fdlist.cports", ports<true>},   {"fdlist.sports", ports<false>},
};

}  // namespace

std::span<const GetterRow> list_getters() { return getters; }

}  // namespace saker::scap::getters
