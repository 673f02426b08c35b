// SPDX-License-Identifier: Apache-2.0
// Compiles rules into a program. Only at load; any thread. The rule set is not needed afterwards:
// the program holds everything.
#pragma once

#include <cstddef>
#include <vector>

#include "base/error.h"
#include "lang/rules.h"

namespace saker::lang {

// The enabled rules of source `syscall`, in their order, as bytes for program::open and
// match::Program::load.
Result<std::vector<std::byte>> compile(const RuleSet& rules,
                                       RuleMatching matching = RuleMatching::first);

// The same, and takes each condition (Rule::expr) out of the set as soon as it is not needed: the
// conditions of thousands of rules take more memory than everything else.
Result<std::vector<std::byte>> compile_conditions_of(RuleSet& rules, RuleMatching matching);

}  // namespace saker::lang
