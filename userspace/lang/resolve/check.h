// SPDX-License-Identifier: Apache-2.0
// Whether a comparison makes sense: does the field exist, does its type take the operator, are the
// values values of that type. Binds operands on the way. One Checker serves one load; not thread
// safe.
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

  // Every check below `expr`; macros in it (ident) are passed over. Appends errors and warnings.
  void check(Expr& expr, std::vector<Problem>& problems);

  const Scope& scope() const { return scope_; }

 private:
  void check_comparison(Expr& comparison, std::vector<Problem>& problems);
  bool check_operator(const Expr& comparison, std::vector<Problem>& problems);
  void check_right_field(const Expr& comparison, std::vector<Problem>& problems);
  void check_constants(const Expr& comparison, std::vector<Problem>& problems);
  void check_constant(const Expr& comparison, const Operand& constant,
                      std::vector<Problem>& problems);
  void check_regex(const Operand& constant, std::vector<Problem>& problems);

  Scope scope_;
  std::unordered_map<std::string, std::string>
      regex_errors_;  // pattern -> what RE2 says, "" if it is good
  std::size_t regex_steps_ = 0;
};

// The width of the number an operand yields, as FieldDef::bits.
std::uint8_t operand_bits(const Operand& operand);

}  // namespace saker::lang
