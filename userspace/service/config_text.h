// SPDX-License-Identifier: Apache-2.0
// What a text must be before it is handed to the TOML parser. Part of config.cc. Pure functions.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace saker::service {

// Where something that is not ASCII stands outside of strings and comments: TOML has no place for it, and toml++ 3.3
// takes some such characters for white space of a kind that its code says cannot be (is_non_ascii_whitespace).
std::optional<std::size_t> stray_character(std::string_view toml);

}  // namespace saker::service
