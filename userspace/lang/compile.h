// SPDX-License-Identifier: Apache-2.0
// Rules into a program. At load only; any thread. The rule set may go afterwards: the program holds
// all it needs.
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
