// SPDX-License-Identifier: Apache-2.0
// Whether a comparison makes sense: whether the field exists, its type allows the operator, and the
// values are values of that type. Binds operands at the same time. One Checker serves one load; not
// thread-safe.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "lang/ast.h"
#include "lang/resolve/bind.h"

namespace saker::lang {

class Checker {
 public:
  explicit Checker(Scope scope) : scope_(std::move(scope)) {}

  // Checks every check below `expr`, but skips macros in it (ident). Appends errors and warnings.
  void check(Expr& expr, std::vector<ConditionError>& problems);

  const Scope& scope() const { return scope_; }

 private:
  void check_comparison(Expr& comparison, std::vector<ConditionError>& problems);
  bool check_operator(const Expr& comparison, std::vector<ConditionError>& problems);
  void check_right_field(const Expr& comparison, std::vector<ConditionError>& problems);
  void check_constants(const Expr& comparison, std::vector<ConditionError>& problems);
  void check_constant(const Expr& comparison, const Operand& constant,
                      std::vector<ConditionError>& problems);
  void check_regex(const Operand& constant, std::vector<ConditionError>& problems);

  Scope scope_;
  std::unordered_map<std::string, std::string>
      regex_errors_;  // pattern -> RE2's error, "" if it is valid
  std::size_t regex_steps_ = 0;
};

// The width of an operand's number, as FieldDef::bits.
std::uint8_t operand_bits(const Operand& operand);

}  // namespace saker::lang
