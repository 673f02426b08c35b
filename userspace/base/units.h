// SPDX-License-Identifier: Apache-2.0
// Sizes and times as a person writes them. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace saker {

// "4096", "64KiB", "64 K", "10MiB", "2G": bytes. Nothing if it is not a size, or does not fit.
std::optional<std::uint64_t> parse_size(std::string_view text);
// "90", "90s", "250ms", "5m", "2h", "1d": ns; a number without a unit means seconds.
std::optional<std::uint64_t> parse_duration(std::string_view text);
// "1.4 GiB", for people.
std::string size_text(std::uint64_t bytes);

}  // namespace saker
