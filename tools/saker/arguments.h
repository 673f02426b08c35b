// SPDX-License-Identifier: Apache-2.0
// The command line of one command: options in any place, --name=value or --name value, -x value;
// "--" ends the options.
#pragma once

#include "base/error.h"
#include "command.h"

namespace saker::cli {

// `words` begins after the command's name.
Result<Arguments> parse_arguments(const Command& command, std::span<char* const> words);

// The complete text of --help.
std::string help_text(const Command& command);

}  // namespace saker::cli
