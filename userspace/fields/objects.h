// SPDX-License-Identifier: Apache-2.0
// objects.def as tables by event: the slots of a record that hold the descriptor and the paths of
// the event. Constants.
#pragma once

#include <array>
#include <cstdint>

#include "decode/record.h"

namespace saker::fields {

constexpr std::uint8_t no_slot = 0xff;  // no record has that many slots

// How a record describes its descriptor.
struct FdRow {
  enum class How : std::uint8_t {
    none,       // the event is about no descriptor
    made,       // returned by the call; known unless it failed
    foreign,    // named by a foreign source; used if present, known if it has a type
    socket,     // known if it has a type
    accepted,   // a socket that the call made
    copied,     // known if it has a type; if the copy failed, `other` has the number
    file,       // known if the path in `other` is present
    directory,  // the same, and not AT_FDCWD
    unknown,    // the record does not have its object
    known
  };
  // As in objects.def; `known`: only if the descriptor is known.
  enum class Name : std::uint8_t { none, first_path, text, known, ends };

  How how = How::none;
  Name name = Name::none;
  std::uint8_t number = no_slot;
  std::uint8_t type_slot = no_slot;
  char type = SAKER_FD_NONE;  // if there is no type_slot
  std::uint8_t sock = no_slot;
  std::uint8_t other = no_slot;
  std::uint8_t given_name = no_slot;
  std::uint8_t name_text = no_slot;
};

// One of the paths in a record; -1: it has no such slot.
struct PathSlots {
  int name = -1, resolved = -1, base = -1;
};
struct PathPair {
  PathSlots first, second;
};

// By type of record. 0 and numbers without an event have empty rows.
extern const std::array<FdRow, SAKER_EV_MAX> fd_rows;
extern const std::array<PathPair, SAKER_EV_MAX> path_rows;

inline const FdRow& fd_row(const decode::Record& record) {
  return fd_rows[record.type() < fd_rows.size() ? record.type() : 0];
}
inline const PathPair& path_pair(const decode::Record& record) {
  return path_rows[record.type() < path_rows.size() ? record.type() : 0];
}
inline const PathSlots& first_path(const decode::Record& record) { return path_pair(record).first; }
inline const PathSlots& second_path(const decode::Record& record) {
  return path_pair(record).second;
}

}  // namespace saker::fields
