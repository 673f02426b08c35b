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

}  // namespace saker::lang
