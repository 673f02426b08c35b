// SPDX-License-Identifier: Apache-2.0
// A row of the table from which an origin's Getters are made.
#pragma once

#include <string_view>

#include "fields/field_id.h"
#include "fields/origin.h"

namespace saker::fields {

// A name without a field does not compile.
struct GetterRow {
  FieldId field;
  Getter get;

  consteval GetterRow(std::string_view name, Getter getter) : field(field_id(name)), get(getter) {}
  constexpr GetterRow(FieldId id, Getter getter) : field(id), get(getter) {}
};

}  // namespace saker::fields
