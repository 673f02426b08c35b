// SPDX-License-Identifier: Apache-2.0
// The number of a field whose name is known at compile time; a name without a field does not
// compile.
#pragma once

#include <string_view>

#include "fields/field.h"

namespace saker::fields {

inline constexpr std::string_view field_names[] = {
#define SAKER_FIELD(name, type, arg, flags, getter, keys, slot, description) name,
#include "fields/fields.def"
};

consteval FieldId field_id(std::string_view name) {
  FieldId id = 0;
  while (field_names[id] != name) id++;  // past the end: no such field
  return id;
}

}  // namespace saker::fields
