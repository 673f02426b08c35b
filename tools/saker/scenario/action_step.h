// SPDX-License-Identifier: Apache-2.0
// Steps of actions that a shell cannot do. Each runs in its own process, started under the name
// that the action needs: saker generate-step STEP...
#pragma once

#include <span>
#include <string_view>

namespace saker::cli {

constexpr std::string_view step_word = "generate-step";

// connect ADDRESS PORT    connects to its own listener
// listen ADDRESS PORT     listens there
// udp ADDRESS PORT        sends a datagram
// memory                  starts a program in memory
// traceme, attach         calls ptrace
// setuid UID              becomes user UID
// userfaultfd UID         becomes user UID and calls userfaultfd
// as USER PROGRAM         starts PROGRAM as that user
// Returns the exit status.
int run_step(std::span<char* const> words);

}  // namespace saker::cli
