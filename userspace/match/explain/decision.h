// SPDX-License-Identifier: Apache-2.0
// Why a condition has its result: the smallest set of tests that determines the result, and the
// smallest set of tests whose results would have to change to make it true. Pure functions of a
// tree and the results of its tests.
#pragma once

#include <cstdint>
#include <vector>

#include "lang/explain_tree.h"

namespace saker::match {

// The results of a condition's tests, by row of ExplainForest::tests.
using Holds = std::vector<bool>;

bool holds(const lang::ExplainTree& tree, const Holds& tests, std::uint32_t node = 0);

// Tests that determine the result whatever the others are, as few as the tree allows; ascending.
// Tests of the event type are preferred if they are enough.
std::vector<std::uint32_t> deciding(const lang::ExplainTree& tree, const Holds& tests,
                                    const std::vector<lang::ExplainTest>& rows);

// thorough: a test that occurs in several parts counts once, and small sets are minimal. quick: the
// sets are found part by part.
enum class Effort : std::uint8_t { quick, thorough };

// Tests whose opposite results would make the condition true; the event's type stays as it is if
// possible. Empty: it is true, or nothing would make it true.
std::vector<std::uint32_t> nearest(const lang::ExplainTree& tree, const Holds& tests,
                                   const std::vector<lang::ExplainTest>& rows,
                                   Effort effort = Effort::thorough);

}  // namespace saker::match
