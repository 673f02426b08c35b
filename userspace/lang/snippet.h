// SPDX-License-Identifier: Apache-2.0
// The place of an error as tools show it. Pure, any thread.
#pragma once

#include <string>

namespace saker::lang {

struct Diagnostic;

// The line, or what of it stands around the place, and below it a caret; both end with a newline.
// Empty for the file as a whole.
std::string snippet(const Diagnostic& diagnostic);

}  // namespace saker::lang
