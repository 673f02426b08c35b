// SPDX-License-Identifier: Apache-2.0
// Compares values according to one predicate of a program. Pure; any thread. Only for match/run.
#pragma once

#include "lang/ast.h"
#include "match/parts.h"

namespace saker::match {

// The right side of a predicate: its literals, set and expressions.
class Comparison {
 public:
  Comparison(const Program::Parts& parts, std::uint32_t predicate)
      : parts_(parts),
        sections_(parts.sections),
        row_(parts.sections.predicates[predicate]),
        regexes_(parts.regexes.data() + parts.first_regex[predicate]) {}

  // `left` is set. The right side is the literals.
  bool with_literals(const Value& left, Scratch& scratch) const;
  // Both are set. The right side is the value of another field.
  bool with_value(const Value& left, const Value& right, Scratch& scratch) const;

 private:
  bool one(const Value& left, const lang::program::LiteralRow& literal, std::size_t index,
           Scratch& scratch) const;
  bool text(lang::Op op, std::string_view left, std::string_view right) const;
  bool natural(const Value& left, std::uint64_t right) const;
  bool regex(std::string_view left, std::size_t index, Scratch& scratch) const;
  bool in_set(const Value& left) const;
  bool in_networks(const Value& left) const;
  bool in_literals(const Value& left, Scratch& scratch) const;
  bool member(const Value& left, Scratch& scratch) const;
  bool below_prefix(std::string_view path, Scratch& scratch) const;
  bool has_prefix(std::string_view prefix) const;

  const Program::Parts& parts_;
  const lang::program::Sections& sections_;
  const lang::program::PredicateRow& row_;
  const std::unique_ptr<re2::RE2>* regexes_;
};

// The form of a path for pmatch: a slash before each component, whether it is absolute or not; "/"
// for a path without components. Returns the text itself if it has this form already.
std::string_view clean_path(std::string_view path, Scratch& scratch);

}  // namespace saker::match
