// SPDX-License-Identifier: Apache-2.0
#include "fields/event_names.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

namespace saker::fields {
namespace {

struct RecordName {
  std::string_view name;
  std::uint16_t id;
};

constexpr RecordName records[] = {
#define SAKER_EVENT(id, name, family, lane) {#name, id},
#include <saker/events.def>
};

constexpr std::uint16_t record_of(std::string_view name) {
  for (const RecordName& record : records)
    if (record.name == name) return record.id;
  return 0;
}

constexpr EventNameDef table[] = {
#define SAKER_SYSCALL_NAME(name) {#name, record_of(#name), true},
#define SAKER_EVENT_NAME(name) {#name, record_of(#name), false},
#include "fields/event_names.def"
};

struct ArgumentName {
  std::uint16_t event;
  std::string_view name;
};

constexpr ArgumentName argument_names[] = {
#define SAKER_ARGUMENT(event, name, shape, slot) {SAKER_EV_##event, #name},
#include "fields/args.def"
};

struct NameCodes {
  std::string_view name;
  unsigned codes;
};

constexpr NameCodes name_codes[] = {
#define SAKER_EVENT_CODES(name, codes) {#name, codes},
#include "fields/event_codes.def"
};
constexpr unsigned shared_codes = 2;  // for all that have no row of their own

static_assert(std::size(table) <= EventSet().size());

}  // namespace

std::span<const EventNameDef> event_names() { return table; }

EventNameId find_event_name(std::string_view name) {
  static const std::unordered_map<std::string_view, EventNameId> index = [] {
    std::unordered_map<std::string_view, EventNameId> made;
    for (std::size_t i = 0; i < std::size(table); ++i)
      made.emplace(table[i].name, static_cast<EventNameId>(i));
    return made;
  }();
  const auto found = index.find(name);
  return found == index.end() ? no_event_name : found->second;
}

const EventSet& all_events() {
  static const EventSet all = [] {
    EventSet made;
    for (std::size_t i = 0; i < std::size(table); ++i) made.set(i);
    return made;
  }();
  return all;
}

EventSet events_with_argument(std::string_view name) {
  EventSet events;
  for (std::size_t i = 0; i < std::size(table); ++i) {
    const auto has = [&](const ArgumentName& row) {
      return row.event == table[i].record && row.name == name;
    };
    events.set(i, table[i].record == 0 ||
                      std::any_of(std::begin(argument_names), std::end(argument_names), has));
  }
  return events;
}

std::vector<std::string_view> arguments_of_event(EventNameId event) {
  std::vector<std::string_view> names;
  for (const ArgumentName& row : argument_names)
    if (row.event == table[event].record) names.push_back(row.name);
  return names;
}

unsigned code_count(const EventSet& events) {
  EventSet others = events;
  unsigned count = 0;
  for (const NameCodes& row : name_codes) {
    EventNameId name = find_event_name(row.name);
    if (name == no_event_name || !events.test(name)) continue;
    count += row.codes;
    others.reset(name);
  }
  return count + (others.any() ? shared_codes : 0);
}

EventKind kind_of(EventNameId name) {
  const std::uint16_t record = table[name].record;
  return record ? record : static_cast<EventKind>(first_foreign_kind + name);
}

EventKind find_kind(std::string_view name) {
  const EventNameId id = find_event_name(name);
  return id == no_event_name ? EventKind{0} : kind_of(id);
}

std::string_view kind_name(EventKind kind) {
  if (kind < first_foreign_kind) {
    for (const RecordName& record : records)
      if (record.id == kind) return record.name;
    return {};
  }
  const std::size_t at = kind - first_foreign_kind;
  return at < std::size(table) && table[at].record == 0 ? table[at].name : std::string_view();
}

KindSet kinds_of(const EventSet& events) {
  KindSet kinds;
  for (std::size_t i = 0; i < std::size(table); ++i)
    if (events.test(i)) kinds.set(kind_of(static_cast<EventNameId>(i)));
  return kinds;
}

}  // namespace saker::fields
