// SPDX-License-Identifier: Apache-2.0
// proc.*, thread.* and user.* for an event of a capture, where they differ from our own events:
// facts that only captures have, and fields that are unset for a thread about which the capture
// says nothing.
#include "fields/descriptor.h"
#include "fields/extract.h"
#include "scap/getters/getters.h"

namespace saker::scap::getters {
namespace {

using enrich::CaptureFacts;

// Null: nothing is known about the process.
const CaptureFacts* known_facts(const Event& event) {
  return event.process->known ? fields::facts_of(event) : nullptr;
}

template <auto Member>
Value number(const FieldRef&, const Event& event, View, Scratch&) {
  const CaptureFacts* facts = known_facts(event);
  return facts ? Value::of_number(static_cast<std::int64_t>(facts->*Member)) : Value{};
}
template <unsigned Fd>
Value standard_type(const FieldRef&, const Event& event, View, Scratch&) {
  const CaptureFacts* facts = known_facts(event);
  const std::uint32_t type = facts ? facts->standard[Fd].type : 0;
  return type ? Value::of_text(fields::type_word(static_cast<char>(type))) : Value{};
}
template <unsigned Fd>
Value standard_name(const FieldRef&, const Event& event, View, Scratch&) {
  const CaptureFacts* facts = known_facts(event);
  return facts && facts->standard[Fd].type ? Value::of_text(facts->standard[Fd].name) : Value{};
}
Value virtual_tid(const FieldRef&, const Event& event, View, Scratch&) {
  const CaptureFacts* facts = known_facts(event);
  return facts && facts->vtid >= 0 ? Value::of_number(facts->vtid) : Value{};
}

Value as_our_own(const FieldRef& field, const Event& event, View view, Scratch& scratch) {
  return own_origin.getters()[field.slot](field, event, view, scratch);
}

Value cgroups(const FieldRef& field, const Event& event, View view, Scratch& scratch) {
  const CaptureFacts* facts = known_facts(event);
  return facts ? Value::of_text(facts->cgroups) : as_our_own(field, event, view, scratch);
}

// The record of our own event names the thread and the user; the record of a capture only repeats
// what the capture knows.
Value if_known(const FieldRef& field, const Event& event, View view, Scratch& scratch) {
  return event.process->known ? as_our_own(field, event, view, scratch) : Value{};
}

constexpr GetterRow getters[] = {
    {"proc.nthreads", number<&CaptureFacts::threads>},
    {"proc.nchilds", number<&CaptureFacts::other_threads>},
    {"proc.fdopencount", number<&CaptureFacts::descriptors>},
    {"proc.stdin.type", standard_type<0>},
    {"proc.stdout.type", standard_type<1>},
    {"proc.stderr.type", standard_type<2>},
    {"proc.stdin.name", standard_name<0>},
    {"proc.stdout.name", standard_name<1>},
    {"proc.stderr.name", standard_name<2>},
    {"thread.vtid", virtual_tid},
    {"thread.cgroups", cgroups},
    {"thread.cgroup", cgroups},
    {"proc.pid", if_known},
    {"thread.ismain", if_known},
    {"user.uid", if_known},
    {"user.name", if_known},
    {"user.homedir", if_known},
    {"user.shell", if_known},
    {"user.loginuid", if_known},
    {"user.loginname", if_known},
};

}  // namespace

std::span<const GetterRow> facts_getters() { return getters; }

}  // namespace saker::scap::getters
