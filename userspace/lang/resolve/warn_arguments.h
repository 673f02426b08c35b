// SPDX-License-Identifier: Apache-2.0
// Arguments of events that a condition names and that none of its rule's events has: comparisons
// with them never hold. A macro that the condition uses is warned of only where no event of ours
// has the argument. Pure.
#pragma once

#include <string>
#include <vector>

#include "lang/ast.h"

namespace saker::lang {

struct UnfilledArgument {
  const Operand* operand;
  bool in_macro;
};

// In the order of the condition, macros resolved. `events`: of the rule.
std::vector<UnfilledArgument> unfilled_arguments(const Expr& condition, const EventSet& events);

// "arguments of openat: fd, dirfd, ...": of the first of the events that is a record of ours; empty
// if none is.
std::string describe_arguments(const EventSet& events);

}  // namespace saker::lang
