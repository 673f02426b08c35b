// SPDX-License-Identifier: Apache-2.0
#include "fields/objects.h"

namespace saker::fields {
namespace {

using decode::Family;

constexpr std::uint8_t SAKER_P_none = no_slot;

struct TypeColumn {
  std::uint8_t slot;
  char type;
};
struct NameColumn {
  FdRow::Name how;
  std::uint8_t given = no_slot, text = no_slot;
};

constexpr FdRow fd_row_of(FdRow::How how, std::uint8_t number, TypeColumn type, std::uint8_t sock,
                          std::uint8_t other, NameColumn name) {
  return {how, name.how, number, type.slot, type.type, sock, other, name.given, name.text};
}

// The columns of objects.def.
#define SLOT(slot) \
  TypeColumn { SAKER_P_##slot, SAKER_FD_NONE }
#define IS(type) \
  TypeColumn { no_slot, SAKER_FD_##type }
#define NONE \
  NameColumn { FdRow::Name::none }
#define FIRST_PATH \
  NameColumn { FdRow::Name::first_path }
#define TEXT(slot) \
  NameColumn { FdRow::Name::text, no_slot, SAKER_P_##slot }
#define KNOWN(slot) \
  NameColumn { FdRow::Name::known, no_slot, SAKER_P_##slot }
#define ENDS(given, path) \
  NameColumn { FdRow::Name::ends, SAKER_P_##given, SAKER_P_##path }

constexpr auto make_fd_rows() {
  std::array<FdRow, SAKER_EV_MAX> rows{};
  auto set_family = [&](Family family, FdRow row) {
    for (std::size_t type = 0; type < rows.size(); type++)
      if (decode::event_families[type] == family) rows[type] = row;
  };
#define SAKER_FAMILY_FD(family, how, number, type, sock, other, name)                           \
  set_family(Family::family, fd_row_of(FdRow::How::how, SAKER_P_##number, type, SAKER_P_##sock, \
                                       SAKER_P_##other, name));
#include "fields/objects.def"
#define SAKER_EVENT_FD(event, how, number, type, sock, other, name) \
  rows[SAKER_EV_##event] =                                          \
      fd_row_of(FdRow::How::how, SAKER_P_##number, type, SAKER_P_##sock, SAKER_P_##other, name);
#include "fields/objects.def"
  return rows;
}

constexpr int slot_or_none(std::uint8_t slot) { return slot == no_slot ? -1 : slot; }

constexpr auto make_path_rows() {
  std::array<PathPair, SAKER_EV_MAX> rows{};
  auto set_family = [&](Family family, PathSlots PathPair::*which, PathSlots slots) {
    for (std::size_t type = 0; type < rows.size(); type++)
      if (decode::event_families[type] == family) rows[type].*which = slots;
  };
#define SAKER_FAMILY_PATH(family, which, name, resolved, base)                \
  set_family(Family::family, &PathPair::which,                                \
             {slot_or_none(SAKER_P_##name), slot_or_none(SAKER_P_##resolved), \
              slot_or_none(SAKER_P_##base)});
#include "fields/objects.def"
  return rows;
}

}  // namespace

constexpr std::array<FdRow, SAKER_EV_MAX> fd_rows = make_fd_rows();
constexpr std::array<PathPair, SAKER_EV_MAX> path_rows = make_path_rows();

}  // namespace saker::fields
