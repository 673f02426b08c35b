// SPDX-License-Identifier: Apache-2.0
// Which event, and which rule, is to be explained: what the command line and alerts name. Pure
// functions.
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

// An alert of JSON with Falco's keys names its rule and, by evt.num if that is among its output
// fields, else by its time, its event.
Result<Target> target_of_alert(std::string_view json);

// "2026-01-15T10:00:51.668189240Z".
std::optional<std::uint64_t> parse_utc(std::string_view text);

// "NAME:NUMBER" where no file of the whole name exists; cuts the number off.
std::optional<std::uint64_t> take_number(std::string& path);

}  // namespace saker::cli
