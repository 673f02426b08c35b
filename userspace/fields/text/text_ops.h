// SPDX-License-Identifier: Apache-2.0
// The operators on texts, byte by byte. Pure; any thread. None takes more steps than the product of
// the two lengths.
#pragma once

#include <string_view>

namespace saker::fields {

bool contains(std::string_view text, std::string_view part);
// Ignores the case of ASCII letters.
bool icontains(std::string_view text, std::string_view part);
// As fnmatch(3) without flags in the C locale: *, ?, [set], backslash; all of them match '/' too.
bool glob(std::string_view pattern, std::string_view text, bool fold_case);
// Whether the leading components of `path` match those of `pattern`, which may contain wildcards.
bool path_glob(std::string_view pattern, std::string_view path);

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
constexpr char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }

}  // namespace saker::fields
