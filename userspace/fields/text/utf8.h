// SPDX-License-Identifier: Apache-2.0
// UTF-8 as regular expressions need it. Pure; any thread.
#pragma once

#include <string_view>

#include "fields/scratch.h"

namespace saker::fields {

// The text with every byte that is no part of valid UTF-8 turned into U+FFFD; the text itself where
// there is none.
std::string_view valid_utf8(std::string_view text, Scratch& scratch);

}  // namespace saker::fields
