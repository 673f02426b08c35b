// SPDX-License-Identifier: Apache-2.0
// Every event and system call that a rule may name in evt.type, and which of them have records of
// ours. A rule that names an event without records compiles but is never true for it. Constant
// tables: any thread may ask.
#pragma once

#include <saker/event.h>

#include <bitset>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace saker::fields {

struct EventNameDef {
  std::string_view name;
  std::uint16_t record = 0;  // SAKER_EVENT_* of <saker/events.def>; 0: no record has this name
  bool syscall = true;       // a value of syscall.type; otherwise only of evt.type
};

using EventNameId = std::uint16_t;
constexpr EventNameId no_event_name = 0xffff;

// A set of names, by index into event_names(). Wide enough for the table and for async names that
// are added at run time.
using EventSet = std::bitset<640>;

std::span<const EventNameDef> event_names();
EventNameId find_event_name(std::string_view name);

// All names.
const EventSet& all_events();

// Events that have an argument with that name (evt.arg.NAME): according to args.def for events with
// our records; all events that only a foreign source has.
EventSet events_with_argument(std::string_view name);
// The arguments that our records have, in their order.
std::vector<std::string_view> arguments_of_event(EventNameId event);

// The number of Falco's event codes for these names.
unsigned code_count(const EventSet& events);

// The event type by which rules are selected: the id of the record. For events that only foreign
// sources have, whose records are all SAKER_EV_foreign, a number derived from their name.
using EventKind = std::uint16_t;
constexpr EventKind first_foreign_kind = SAKER_EV_MAX;
constexpr unsigned kind_count = first_foreign_kind + 640;
using KindSet = std::bitset<kind_count>;

EventKind kind_of(EventNameId name);
// The kind of an event by its name alone; 0 if there is no such event.
EventKind find_kind(std::string_view name);
// Empty for a number that is not a kind.
std::string_view kind_name(EventKind kind);
// The kinds of the names in the set.
KindSet kinds_of(const EventSet& events);

}  // namespace saker::fields
