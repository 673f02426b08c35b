// SPDX-License-Identifier: Apache-2.0
// Finds arguments of events that a condition names but no event of its rule has: comparisons with
// them are never true. An argument used by a macro causes a warning only if none of our events has
// the argument. Pure.
#pragma once

#include <string>
#include <vector>

#include "lang/ast.h"

namespace saker::lang {

struct UnfilledArgument {
  const Operand* operand;
  bool in_macro;
};

// In the order of the condition, with macros resolved. `events`: those of the rule.
std::vector<UnfilledArgument> unfilled_arguments(const Expr& condition, const EventSet& events);

// "arguments of openat: fd, dirfd, ...", for the first of the events that has records of ours;
// empty if none has.
std::string describe_arguments(const EventSet& events);

}  // namespace saker::lang
