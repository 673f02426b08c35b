// SPDX-License-Identifier: Apache-2.0
// The text of a condition -> tree. Knows the grammar only: whether fields, macros and values exist
// is resolution's question. Pure function, any thread; the depth limit bounds the stack whatever
// the input.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "lang/ast.h"
#include "lang/operators.h"

namespace saker::lang {

// Levels of nesting; a pair of parentheses costs five.
constexpr unsigned max_condition_depth = 1000;

struct ParseError {
  std::string message, hint;
  std::size_t offset = 0;  // byte of the text at which it stopped
};

// Exactly one of the two is meaningful: the tree unless there is an error. In the tree,
// Position::offset is a byte offset into the text; line and column are left 0 for the caller, who
// knows the file.
struct ParsedCondition {
  Expr expr;
  std::optional<ParseError> error;
};

ParsedCondition parse_condition(std::string_view text, unsigned max_depth = max_condition_depth);

// Parsers of parts, for exceptions and output texts. Each wants the whole text to be one operand.
struct ParsedOperand {
  Operand operand;
  std::optional<ParseError> error;
};
ParsedOperand parse_field_or_transform(std::string_view text);

// As above, but takes the longest prefix that parses; `length` is how much that was, 0 if none.
struct OperandPrefix {
  Operand operand;
  std::size_t length = 0;
};
OperandPrefix parse_operand_prefix(std::string_view text);

}  // namespace saker::lang
