// SPDX-License-Identifier: Apache-2.0
// The encoding of a rule file, recognised by its first bytes as YAML specifies: UTF-8, UTF-16 or
// UTF-32, in either byte order, with or without a byte order mark. Pure functions.
#pragma once

#include <string>

namespace saker::lang {

// Converts UTF-16 or UTF-32 text to UTF-8 without the mark; UTF-8 stays as it is. Invalid
// characters become U+FFFD.
std::string to_utf8(std::string text);

}  // namespace saker::lang
