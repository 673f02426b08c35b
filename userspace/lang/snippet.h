// SPDX-License-Identifier: Apache-2.0
// Shows the place of an error as tools print it. Pure, any thread.
#pragma once

#include <string>

namespace saker::lang {

struct Diagnostic;

// The line, or the part of it around the place, and below it a caret; both end with a newline.
// Empty if the error is about the file as a whole.
std::string snippet(const Diagnostic& diagnostic);

}  // namespace saker::lang
