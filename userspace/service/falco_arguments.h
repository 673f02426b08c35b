// SPDX-License-Identifier: Apache-2.0
// The options of Falco's command line that are not sakerd's own: those that the command `saker`
// handles, those without an effect here, and those with a replacement. Pure data and functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "service/arguments.h"

struct option;

namespace saker::service {

// For getopt_long: all options of sakerd and Falco, and their letters.
const option* all_options();
const char* all_letters();

// Handles one option that getopt_long found and that is not sakerd's own. The error names the
// replacement.
Result<void> take_falco_option(int code, const char* value, DaemonArguments& to);

// The `saker` command line for the request; empty: the daemon itself handles it.
std::vector<std::string> command_of(const DaemonArguments& arguments);

}  // namespace saker::service
