// SPDX-License-Identifier: Apache-2.0
// Conditions that are true for a value: with every operator that its type allows. Only for tests.
#pragma once

#include <string>
#include <vector>

#include "fields/field.h"
#include "fields/value.h"

namespace saker::testing {

struct TrueCondition {
  std::string op;         // the operator, with its modifier
  std::string condition;  // made from the field, the operator and the right side
};

// `written`: the field with its argument; it has that type. Conditions that cannot be written (for
// example with a text that is too long) are left out.
std::vector<TrueCondition> true_conditions(const std::string& written, fields::FieldType type,
                                           const fields::Value& value);

// Whether the value has the kind by which fields of the type are compared.
bool fits(fields::FieldType type, const fields::Value& value);

}  // namespace saker::testing
