// SPDX-License-Identifier: Apache-2.0
// Every event and system call that a rule may name in evt.type, and which of them our records can
// be. A rule naming one that we have no record of compiles and is never true for it. Constant
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
  std::uint16_t record = 0;  // SAKER_EVENT_* of <saker/events.def>, 0: no record of this name
  bool syscall = true;       // a value of syscall.type; otherwise only of evt.type
};

using EventNameId = std::uint16_t;
constexpr EventNameId no_event_name = 0xffff;

// A set of names, by index into event_names(). Wide enough for the table and for async names to
// come.
using EventSet = std::bitset<640>;

std::span<const EventNameDef> event_names();
EventNameId find_event_name(std::string_view name);

// All names there are.
const EventSet& all_events();

// Events that have the argument of that name (evt.arg.NAME): of those that are records of ours by
// args.def; of others, which only a foreign source brings, all.
EventSet events_with_argument(std::string_view name);
// Those that records of ours have, in their order.
std::vector<std::string_view> arguments_of_event(EventNameId event);

// How many of Falco's event codes the names stand for.
unsigned code_count(const EventSet& events);

// What rules are dispatched by: the id of the record; of events that only foreign sources have,
// whose records are all SAKER_EV_foreign, a number by their name.
using EventKind = std::uint16_t;
constexpr EventKind first_foreign_kind = SAKER_EV_MAX;
constexpr unsigned kind_count = first_foreign_kind + 640;
using KindSet = std::bitset<kind_count>;

EventKind kind_of(EventNameId name);
// Of an event by its name alone; 0 if there is none such.
EventKind find_kind(std::string_view name);
// Empty for a number that is none.
std::string_view kind_name(EventKind kind);
// Those of the names in the set.
KindSet kinds_of(const EventSet& events);

}  // namespace saker::fields
