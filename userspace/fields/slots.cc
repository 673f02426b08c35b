// SPDX-License-Identifier: Apache-2.0
#include "fields/slots.h"

#include <cstddef>

#include "fields/argument.h"
#include "fields/objects.h"

namespace saker::fields {
namespace {

using decode::Family;

template <typename Member>
ValuePlace in_head(std::size_t offset, Member, bool is_signed) {
  return {ValuePlace::Kind::head, sizeof(Member), is_signed, static_cast<std::uint16_t>(offset)};
}

ValuePlace in_slot(unsigned slot, bool is_signed) {
  return {ValuePlace::Kind::param, 8, is_signed, static_cast<std::uint16_t>(slot)};
}

std::optional<ValuePlace> of_descriptor(const FdRow& row) {
  // For a copy that failed, another slot has the number; for a foreign event the slot may be
  // absent.
  using How = FdRow::How;
  if (row.how == How::none || row.how == How::copied || row.how == How::foreign) return {};
  return in_slot(row.number, true);
}

std::optional<ValuePlace> of_path(const FdRow& row, const PathSlots& slots) {
  if (row.name != FdRow::Name::first_path || slots.name < 0) return {};
  ValuePlace place{ValuePlace::Kind::path, 0, false, static_cast<std::uint16_t>(slots.name)};
  place.resolved = slots.resolved;
  place.base = slots.base;
  return place;
}

// A number that is shown as it is in its slot.
std::optional<ValuePlace> of_argument(std::string_view name, std::uint16_t event) {
  for (const Argument& argument : arguments_of(event)) {
    if (argument.name != name) continue;
    switch (argument.shape) {
      case ArgShape::fd_made:
      case ArgShape::fd_used:
      case ArgShape::fd_copied:
      case ArgShape::dirfd: return in_slot(argument.slot, true);
      case ArgShape::decimal:
      case ArgShape::hex:
      case ArgShape::octal:
      case ArgShape::bpf:
      case ArgShape::domain: return in_slot(argument.slot, false);
      default: return {};
    }
  }
  return {};
}

}  // namespace

std::optional<ValuePlace> place_of(FieldId field, std::string_view arg, std::uint16_t event) {
  if (field == no_field || event >= SAKER_EV_MAX || decode::event_info(event).name.empty())
    return {};
  constexpr saker_rec head{};
  switch (all_fields()[field].slot) {
    case RecordSlot::none: return {};
    case RecordSlot::result:
      // An exiting process returns nothing.
      if (decode::event_families[event] == Family::exit) return {};
      return in_head(offsetof(saker_rec, ret), head.ret, true);
    case RecordSlot::cpu: return in_head(offsetof(saker_rec, cpu), head.cpu, false);
    case RecordSlot::pid: return in_head(offsetof(saker_rec, pid), head.pid, true);
    case RecordSlot::tid: return in_head(offsetof(saker_rec, tid), head.tid, false);
    case RecordSlot::uid: return in_head(offsetof(saker_rec, uid), head.uid, false);
    case RecordSlot::fd_number: return of_descriptor(fd_rows[event]);
    case RecordSlot::path: return of_path(fd_rows[event], path_rows[event].first);
    case RecordSlot::argument: return of_argument(arg, event);
  }
  return {};
}

}  // namespace saker::fields
