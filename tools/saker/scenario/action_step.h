// SPDX-License-Identifier: Apache-2.0
// Steps of actions that no shell can do. They run in a process of their own, started under the name
// that the action wants: saker generate-step STEP...
#pragma once

#include <span>
#include <string_view>

namespace saker::cli {

constexpr std::string_view step_word = "generate-step";

// connect ADDRESS PORT   to a listener of its own      listen ADDRESS PORT   udp ADDRESS PORT
// memory   starts a program in memory     traceme, attach   ptrace     setuid UID   as user UID
// as USER PROGRAM   starts PROGRAM as that user.  Returns the exit status.
int run_step(std::span<char* const> words);

}  // namespace saker::cli
