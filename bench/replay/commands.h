// SPDX-License-Identifier: Apache-2.0
// What build/bench/replay does, a function each; bench/replay/run calls them. One thread.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"

namespace saker::bench {

// Writes to `to` the capture `from`, its events repeated until there are about `events`; time goes
// on. `rules`, if there are any: names that none of these files mentions are others in each pass.
Result<void> repeat_capture(const std::string& from, const std::string& to, std::size_t events,
                            const std::vector<std::string>& rules);

// Writes to `to` as many rules, with the shapes of those in `files` and constants of their own.
Result<void> write_rules(std::size_t count, const std::string& to,
                         const std::vector<std::string>& files);

// Runs the rules over the file, as `saker replay` does, and prints what it cost as one line of
// JSON.
Result<void> measure_replay(const std::string& file, const std::vector<std::string>& rules);

}  // namespace saker::bench
