// SPDX-License-Identifier: Apache-2.0
// Why a condition comes out as it does: the fewest tests that fix its result, and the fewest that
// would have to come out otherwise to make it hold. Pure functions of a tree and the answers to its
// tests.
#pragma once

#include <cstdint>
#include <vector>

#include "lang/explain_tree.h"

namespace saker::match {

// How a condition's tests came out, by row of ExplainForest::tests.
using Holds = std::vector<bool>;

bool holds(const lang::ExplainTree& tree, const Holds& tests, std::uint32_t node = 0);

// Tests that fix the result whatever the others say, as few as the tree allows; ascending. Where
// tests of the event's type do, those.
std::vector<std::uint32_t> deciding(const lang::ExplainTree& tree, const Holds& tests,
                                    const std::vector<lang::ExplainTest>& rows);

// Thorough: a test that stands in several parts counts once, and small sets are the smallest there
// are. Quick: they are found part by part.
enum class Effort : std::uint8_t { quick, thorough };

// Tests that, answered the other way, would make the condition hold; the event's type is left as it
// is where that is possible. Empty: it holds, or nothing would make it hold.
std::vector<std::uint32_t> nearest(const lang::ExplainTree& tree, const Holds& tests,
                                   const std::vector<lang::ExplainTest>& rows,
                                   Effort effort = Effort::thorough);

}  // namespace saker::match
