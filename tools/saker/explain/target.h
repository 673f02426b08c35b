// SPDX-License-Identifier: Apache-2.0
// The event and the rule to explain, from the command line or from an alert. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace saker::cli {

struct Target {
  std::optional<std::uint64_t> number;  // evt.num
  std::optional<std::uint64_t> time;    // evt.time, ns since 1970
  std::string rule;                     // "": every rule
};

// A JSON alert with Falco's keys names its rule. It identifies its event by evt.num if that is
// among its output fields, otherwise by its time.
Result<Target> target_of_alert(std::string_view json);

// "2026-01-15T10:00:51.668189240Z".
std::optional<std::uint64_t> parse_utc(std::string_view text);

// Handles "NAME:NUMBER" if no file with the whole name exists; removes the number from `path`.
std::optional<std::uint64_t> take_number(std::string& path);

}  // namespace saker::cli
