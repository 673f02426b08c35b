// SPDX-License-Identifier: Apache-2.0
// UTF-8 as regular expressions need it. Pure; any thread.
#pragma once

#include <string_view>

#include "fields/scratch.h"

namespace saker::fields {

// The text with each byte that is not valid UTF-8 replaced by U+FFFD; the text itself if there is
// none.
std::string_view valid_utf8(std::string_view text, Scratch& scratch);

}  // namespace saker::fields
