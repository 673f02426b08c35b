// SPDX-License-Identifier: Apache-2.0
// Writes a tree as text in one canonical form: groups in parentheses, single spaces, quotes where
// the grammar needs them. Parsing the text gives the same tree. Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "lang/ast.h"

namespace saker::lang {

std::string print(const Expr& expr);
std::string print(const Operand& operand);

// A constant as a rule writes it: bare if possible, otherwise in double quotes with escapes.
std::string print_constant(std::string_view value);

std::string_view op_name(Op op);
std::string_view modifier_name(Modifier modifier);
std::string_view transform_name(Transform transform);

// The trees are equal, ignoring positions and whether a constant was quoted.
bool same(const Expr& a, const Expr& b);
bool same(const Operand& a, const Operand& b);

}  // namespace saker::lang
