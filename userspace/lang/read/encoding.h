// SPDX-License-Identifier: Apache-2.0
// The encoding of a rule file, recognised by its first bytes as YAML requires: UTF-8, UTF-16 or
// UTF-32, either byte order, with a byte order mark or without. Pure functions.
#pragma once

#include <string>

namespace saker::lang {

// The text as UTF-8, of a text in UTF-16 or UTF-32 without its mark; what is UTF-8 already stays as
// it is. What is no character becomes U+FFFD.
std::string to_utf8(std::string text);

}  // namespace saker::lang
