// SPDX-License-Identifier: Apache-2.0
// The other end of web/explainer.h: the process that runs `saker explain`. Its requests come from a
// process that attackers can reach, so it checks them itself.
#pragma once

#include <string>
#include <string_view>

#include "base/fd.h"

namespace saker::web {

struct ExplainerOptions;

// A recording (.skr) directly in the directory.
bool is_recording_in(std::string_view path, std::string_view directory);

// Answers requests, a line each, until the other end closes. Returns the exit status.
int run_explainer(Fd requests, const ExplainerOptions& options);

}  // namespace saker::web
