// SPDX-License-Identifier: Apache-2.0
// What a text must be before it is handed to the TOML parser. Part of config.cc. Pure functions.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace saker::service {

// Where something that is not ASCII, or a bracket that closes nothing, is outside of strings and
// comments. TOML has no place for either, and toml++ 3.3 ends the program at some of them instead
// of reporting an error.
std::optional<std::size_t> stray_character(std::string_view toml);

// ${NAME} becomes what the environment has by that name, or nothing, and NAME goes to `unset`;
// $${NAME} is ${NAME} itself, as in Falco's configuration.
std::string expand_environment(std::string_view text, std::vector<std::string>& unset);

}  // namespace saker::service
