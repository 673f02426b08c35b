// SPDX-License-Identifier: Apache-2.0
// Conditions that hold for a value: with every operator that its type takes. For tests alone.
#pragma once

#include <string>
#include <vector>

#include "fields/field.h"
#include "fields/value.h"

namespace saker::testing {

struct TrueCondition {
  std::string op;         // the operator, with its modifier
  std::string condition;  // of the field, the operator and what it is compared with
};

// `written`: the field with its argument, of that type. Those that cannot be written down (a text
// too long, say) are left out.
std::vector<TrueCondition> true_conditions(const std::string& written, fields::FieldType type,
                                           const fields::Value& value);

// Whether the value is of the kind that fields of the type are compared as.
bool fits(fields::FieldType type, const fields::Value& value);

}  // namespace saker::testing
