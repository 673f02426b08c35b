// SPDX-License-Identifier: Apache-2.0
// Runs one scenario in a child process and waits for its end.
#pragma once

#include <cstdint>
#include <string>

#include "scenario.h"

namespace saker::cli {

struct Performed {
  Outcome::State state = Outcome::State::failed;
  std::string message;
  std::uint64_t started_wall = 0;   // before the child was made
  std::uint64_t returned_boot = 0;  // 0: the action did not return
};

// `limit_seconds`: a child that takes longer is killed and counts as failed.
Performed perform(const Scenario& scenario, const std::string& tag, unsigned limit_seconds);

}  // namespace saker::cli
