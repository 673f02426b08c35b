// SPDX-License-Identifier: Apache-2.0
// A condition as the parser produces it and as the compiler takes it. After the parser, macros are
// still names (Ident); after resolution they are gone, except as labels. A tree owns its children.
// Plain data.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "lang/fields.h"

namespace saker::lang {

// A place in a file; line and column count from 1, offset counts bytes from 0.
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
  std::string arg;   // field or transformer: the text in [ ], unquoted
  bool has_arg = false;
  // field, set by resolution: its row in all_fields(). From then on `arg` also holds an argument
  // written as a suffix: for evt.arg.flags `text` is "evt.arg.flags", `field` is evt.arg, `arg` is
  // "flags".
  FieldId field = no_field;
  FieldType type =
      FieldType::string;  // set by resolution: type of the value of this operand, see is_list
  bool is_list = false;   // set by resolution: it has a list of values of `type`
  std::string fixed;      // static.NAME, set by resolution: its constant value
  bool quoted = false;    // constant: it was quoted
  Transform transform = Transform::none;
  std::vector<Operand> items;  // list: its members; transform: its arguments
  Position pos;
};

struct Expr {
  enum class Kind : std::uint8_t { all, any, negate, check, ident } kind = Kind::check;
  std::vector<Expr> children;  // all (and), any (or): two or more; negate: one
  std::string name;            // ident: the macro
  // set by resolution: the macros that this node came from, outermost first
  std::vector<std::string> macros;
  Operand left, right;  // check; `right` is unused by exists
  Op op = Op::exists;
  Modifier modifier = Modifier::none;
  Position pos;
};

}  // namespace saker::lang
