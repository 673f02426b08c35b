// SPDX-License-Identifier: Apache-2.0
// Paths as a replay joins them: by their text alone, without looking at links. Pure functions.
#pragma once

#include <string>
#include <string_view>

namespace saker::scap {

// What a descriptor that is not known stands for in a path.
constexpr std::string_view unknown_base = "<UNKNOWN>";

// `path` from `base` on (taken as it is), without ".", ".." and empty components; an absolute path
// stands for itself.
std::string join_path(std::string_view base, std::string_view path);
// Without a closing " (deleted)".
std::string_view without_deleted(std::string_view path);

}  // namespace saker::scap
