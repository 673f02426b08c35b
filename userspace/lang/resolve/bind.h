// SPDX-License-Identifier: Apache-2.0
// Binds the names in an operand to the table of fields and determines the type of every operand.
// Pure, any thread.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "lang/ast.h"
#include "lang/diagnostic.h"

namespace saker::lang {

// An error at a byte of the text that was parsed.
struct ConditionError {
  Code code = Code::compile_condition;
  std::string message, hint;
  std::size_t offset = 0;
  bool unknown_name = false;     // an unknown field or event: ignored with skip-if-unknown-filter
  std::string deprecated_field;  // code deprecated_item
};

// Names that are defined outside the tables.
struct Scope {
  std::map<std::string, std::string> static_fields;  // the NAMEs of static.NAME, and their values
  std::vector<std::string> plugins = {};             // loaded plugins: only their fields exist
};

// Sets field, type and is_list, and moves an argument written as a suffix into arg; transformers
// from the inside out. Appends every error to `problems`; true if there was none.
bool bind_operand(Operand& operand, const Scope& scope, std::vector<ConditionError>& problems);

}  // namespace saker::lang
