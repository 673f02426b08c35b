// SPDX-License-Identifier: Apache-2.0
// Parses the text of a condition into a tree. Knows only the grammar: resolution decides whether
// fields, macros and values exist. Pure function, any thread; the depth limit bounds the stack
// whatever the input.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "lang/ast.h"
#include "lang/operators.h"

namespace saker::lang {

// Levels of nesting; a pair of parentheses counts as five.
constexpr unsigned max_condition_depth = 1000;

struct ParseError {
  std::string message, hint;
  std::size_t offset = 0;  // byte offset at which parsing stopped
};

// Either the tree or the error is set. In the tree, Position::offset is a byte offset into the
// text; line and column stay 0 for the caller, who knows the file.
struct ParsedCondition {
  Expr expr;
  std::optional<ParseError> error;
};

ParsedCondition parse_condition(std::string_view text, unsigned max_depth = max_condition_depth);

// Parsers of parts, for exceptions and output texts. Each requires the whole text to be one
// operand.
struct ParsedOperand {
  Operand operand;
  std::optional<ParseError> error;
};
ParsedOperand parse_field_or_transform(std::string_view text);

// The same, but takes the longest prefix that parses; `length` is its length, 0 if there is none.
struct OperandPrefix {
  Operand operand;
  std::size_t length = 0;
};
OperandPrefix parse_operand_prefix(std::string_view text);

}  // namespace saker::lang
