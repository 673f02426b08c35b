// SPDX-License-Identifier: Apache-2.0
// Prepares a text for the TOML parser. Part of config.cc. Pure functions.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace saker::service {

// The position of a non-ASCII character, or of an unmatched closing bracket, outside strings and
// comments. TOML allows neither, and at some of them toml++ 3.3 ends the program instead of
// reporting an error.
std::optional<std::size_t> stray_character(std::string_view toml);

// Replaces ${NAME} by the environment variable, or by nothing, and then adds NAME to `unset`;
// $${NAME} becomes ${NAME}, as in Falco's configuration.
std::string expand_environment(std::string_view text, std::vector<std::string>& unset);

}  // namespace saker::service
