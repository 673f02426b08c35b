// SPDX-License-Identifier: Apache-2.0
// Falco's command line, as far as it is not sakerd's own: what the command `saker` does, what has
// no effect here, and what is done in another way. Pure data and functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "service/arguments.h"

struct option;

namespace saker::service {

// For getopt_long: all of sakerd's options and Falco's, and the letters among them.
const option* all_options();
const char* all_letters();

// One option that getopt_long found and sakerd has not by itself. The error: what does it here.
Result<void> take_falco_option(int code, const char* value, Arguments& to);

// The words of the `saker` command that does what was asked; none: it is for the daemon.
std::vector<std::string> command_of(const Arguments& arguments);

}  // namespace saker::service
