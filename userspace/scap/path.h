// SPDX-License-Identifier: Apache-2.0
// Joins paths as Falco's engine does: as text, without following links. Pure functions.
#pragma once

#include <string>
#include <string_view>

namespace saker::scap {

// Stands for an unknown descriptor in a path.
constexpr std::string_view unknown_base = "<UNKNOWN>";

// `path` relative to `base` (which is used as it is), without ".", ".." and empty components; an
// absolute path is used alone.
std::string join_path(std::string_view base, std::string_view path);
// Without a trailing " (deleted)".
std::string_view without_deleted(std::string_view path);

}  // namespace saker::scap
