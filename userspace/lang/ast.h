// SPDX-License-Identifier: Apache-2.0
// A condition as the parser leaves it and as the compiler takes it: macros are still names (Ident)
// after the parser and are gone after resolution, but for a label. A tree owns its children. Plain
// data.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "lang/fields.h"

namespace saker::lang {

// Where something stands in a file; line and column count from 1, offset from 0 bytes.
struct Position {
  std::uint32_t line = 0, column = 0, offset = 0;
};

enum class Op : std::uint8_t {
  exists,
  eq,
  ne,
  lt,
  le,
  gt,
  ge,
  contains,
  icontains,
  bcontains,
  startswith,
  bstartswith,
  endswith,
  glob,
  iglob,
  regex,
  in,
  intersects,
  pmatch
};

enum class Modifier : std::uint8_t { none, oneof, anyof, allof };

// A field, a constant, a list of operands, or a transformer over operands. Left sides are fields or
// transformers; right sides anything.
struct Operand {
  enum class Kind : std::uint8_t { field, constant, list, transform } kind = Kind::constant;
  std::string text;  // field: its name as written; constant: its value, unescaped
  std::string arg;   // field or transformer: what stood in [ ], unquoted
  bool has_arg = false;
  // field, set by resolution: its row in all_fields(). From then on `arg` also holds an argument
  // written as a suffix: of evt.arg.flags `text` is "evt.arg.flags", `field` is evt.arg, `arg` is
  // "flags".
  FieldId field = no_field;
  FieldType type =
      FieldType::string;  // set by resolution: of the value this operand yields, see is_list
  bool is_list = false;   // set by resolution: yields a list of values of `type`
  std::string fixed;      // static.NAME, set by resolution: what it is always
  bool quoted = false;    // constant: stood in quotes
  Transform transform = Transform::none;
  std::vector<Operand> items;  // list: its members; transform: its arguments
  Position pos;
};

struct Expr {
  enum class Kind : std::uint8_t { all, any, negate, check, ident } kind = Kind::check;
  std::vector<Expr> children;       // all (and), any (or): two or more; negate: one
  std::string name;                 // ident: the macro
  std::vector<std::string> macros;  // set by resolution: the macros that this was, outermost first
  Operand left, right;              // check; right unused by exists
  Op op = Op::exists;
  Modifier modifier = Modifier::none;
  Position pos;
};

}  // namespace saker::lang
