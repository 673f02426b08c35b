// SPDX-License-Identifier: Apache-2.0
// The operators of the condition language by their words. Constant tables, pure functions.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "lang/ast.h"

namespace saker::lang {

struct OpWord {
  std::string_view word;
  Op op;
};

// In the order in which the parser tries them: a word before any prefix of it. Word operators need
// a space after them.
inline constexpr std::array<OpWord, 4> number_ops = {
    {{"<=", Op::le}, {"<", Op::lt}, {">=", Op::ge}, {">", Op::gt}}};
inline constexpr std::array<OpWord, 3> equal_ops = {
    {{"==", Op::eq}, {"=", Op::eq}, {"!=", Op::ne}}};
inline constexpr std::array<OpWord, 9> word_ops = {{{"glob", Op::glob},
                                                    {"iglob", Op::iglob},
                                                    {"contains", Op::contains},
                                                    {"icontains", Op::icontains},
                                                    {"bcontains", Op::bcontains},
                                                    {"startswith", Op::startswith},
                                                    {"bstartswith", Op::bstartswith},
                                                    {"endswith", Op::endswith},
                                                    {"regex", Op::regex}}};
inline constexpr std::array<OpWord, 3> list_ops = {
    {{"intersects", Op::intersects}, {"in", Op::in}, {"pmatch", Op::pmatch}}};

// By its word ("=", "startswith", "exists", ...); nothing if there is no such operator.
std::optional<Op> find_op(std::string_view word);
std::optional<Modifier> find_modifier(std::string_view word);

bool is_text_op(Op op);  // = != contains ... regex: those that take a modifier
bool is_list_op(Op op);  // in, intersects, pmatch

// The kind of probe that finds the values for an operator: a program::ProbeRow::Kind. A glob is
// found by its literal beginning or end, depending on the pattern.
std::uint32_t probe_kind(Op op);

}  // namespace saker::lang
