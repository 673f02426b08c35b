// SPDX-License-Identifier: Apache-2.0
// Paths as rules mean them: absolute, without ".", ".." and doubled slashes. Lexical: nothing is
// looked up. Any thread.
#pragma once

#include <array>
#include <string_view>

#include "fields/event.h"
#include "fields/extract.h"
#include "fields/scratch.h"

namespace saker::fields {

// `name` made absolute against `base` and cleaned; `name` itself where it is so already.
std::string_view absolute_path(std::string_view name, std::string_view base, Scratch& scratch);

// The text before the last slash, "/" for what lies in the root; and the text after it.
std::string_view directory_of(std::string_view path);
std::string_view filename_of(std::string_view path);

// One of the paths that a record names.
struct PathSlots {
  int name = -1, resolved = -1, base = -1;  // numbers of its parameters; -1: it has none
};

// The path in this view; empty where the record has none.
std::string_view path_at(const Event& event, const PathSlots& slots, View view, Scratch& scratch);

// Where a name that is not absolute begins.
std::string_view base_of(const Event& event, const PathSlots& slots);

// What the caller passed.
std::string_view raw_path(const Event& event, const PathSlots& slots);

// The paths of a record: the first, or what is called old; the second, what is called new.
struct PathPair {
  PathSlots first, second;
};
constexpr PathPair paths_of_family(decode::Family family) {
  switch (family) {
    case decode::Family::open:
      return {{SAKER_P_open_name, SAKER_P_open_path, SAKER_P_open_base}, {}};
    case decode::Family::path:
      return {{SAKER_P_path_name, SAKER_P_path_path, SAKER_P_path_base}, {}};
    case decode::Family::path2:
      return {{SAKER_P_path2_oldname, SAKER_P_path2_oldpath, SAKER_P_path2_oldbase},
              {SAKER_P_path2_newname, SAKER_P_path2_newpath, SAKER_P_path2_newbase}};
    case decode::Family::mount:
      return {{SAKER_P_mount_dir, SAKER_P_mount_path, SAKER_P_mount_base}, {}};
    case decode::Family::module: return {{-1, SAKER_P_module_path, -1}, {}};
    default: return {};
  }
}
inline constexpr auto path_slots = [] {
  std::array<PathPair, SAKER_EV_MAX> slots{};
  for (std::size_t type = 0; type < slots.size(); type++)
    slots[type] = paths_of_family(decode::event_families[type]);
  return slots;
}();
inline PathSlots first_path(const decode::Record& record) {
  return record.type() < path_slots.size() ? path_slots[record.type()].first : PathSlots{};
}
inline PathSlots second_path(const decode::Record& record) {
  return record.type() < path_slots.size() ? path_slots[record.type()].second : PathSlots{};
}

}  // namespace saker::fields
