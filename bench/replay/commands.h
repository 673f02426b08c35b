// SPDX-License-Identifier: Apache-2.0
// The commands of build/bench/replay, one function each; bench/replay/run calls them. One thread.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"

namespace saker::bench {

// Writes the capture `from` to `to`, with its events repeated until there are about `events`, at
// increasing times. `rules`, if any: names that none of these files mentions are different in each
// pass.
Result<void> repeat_capture(const std::string& from, const std::string& to, std::size_t events,
                            const std::vector<std::string>& rules);

// Writes this many rules to `to`, with the shapes of those in `files` and different constants.
Result<void> write_rules(std::size_t count, const std::string& to,
                         const std::vector<std::string>& files);

// Runs the rules over the file, as `saker replay` does, and prints the cost as one line of JSON.
Result<void> measure_replay(const std::string& file, const std::vector<std::string>& rules);

}  // namespace saker::bench
