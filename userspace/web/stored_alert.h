// SPDX-License-Identifier: Apache-2.0
// An alert as the page stores it: the daemon's line, and the values that filters use.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "output/alert.h"

namespace saker::web {

struct StoredAlert : output::Alert {
  std::uint64_t id = 0;           // one more than that of the one before
  std::string words;              // what a search for text looks at
  std::vector<std::string> tags;  // sorted
  std::string container, pod;     // "": none
};

// Nothing: the line is not an alert. The caller sets the number.
std::optional<StoredAlert> parse_alert(std::string_view json_line, std::uint64_t now);

}  // namespace saker::web
