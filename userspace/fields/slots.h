// SPDX-License-Identifier: Apache-2.0
// The place in a record that holds the value of a field: a filter can compare it without a getter,
// also in the kernel. Constant tables; any thread.
#pragma once

#include <cstdint>
#include <optional>

#include "fields/field.h"

namespace saker::fields {

struct ValuePlace {
  // head: a member of saker_rec, `at` bytes from its start. param: slot `at`. path: slot `at` has
  // the path that the caller passed; if it is relative, it begins at the path in slot `base`; slot
  // `resolved` has the path that the kernel resolved.
  enum class Kind : std::uint8_t { head, param, path } kind = Kind::head;
  std::uint8_t size = 0;   // head: bytes
  bool is_signed = false;  // head, param
  std::uint16_t at = 0;
  int resolved = -1, base = -1;  // path; -1: the record has none
};

// The place of a field, with its argument if it has one, in the records of an event. None: only a
// getter knows the value. fd.num is -1 if its slot has a negative number and the call made the
// descriptor.
std::optional<ValuePlace> place_of(FieldId field, std::string_view arg, std::uint16_t event);

}  // namespace saker::fields
