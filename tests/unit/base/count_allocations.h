// SPDX-License-Identifier: Apache-2.0
// Counts what the calling thread allocates with new.
#pragma once

#include <cstddef>

namespace saker::test {

// Starts at 0, or stops; returns what was counted so far.
std::size_t count_allocations(bool on);

}  // namespace saker::test
