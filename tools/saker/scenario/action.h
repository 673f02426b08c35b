// SPDX-License-Identifier: Apache-2.0
// The actions of Falco's event-generator, by their names: each must make one rule of the official
// rule files alert. An action is a shell script that busybox runs, on the host or in a container.
//
// On the host it runs in its own mount namespace, in which /etc, /root, /usr and /var are overlays
// that vanish with it, and in its own network namespace with the address 192.0.2.1.
#pragma once

#include <string_view>

#include "scenario.h"

namespace saker::cli {

enum class RunPlace : unsigned char { host, container, privileged_container };

struct Action {
  RunPlace place;
  // Name of the process that runs the script; any name on the host, in a container "" (sh).
  std::string_view as;
  // In the script, $B is a directory with every program of busybox and those of `programs`; TAG is
  // unique to each run; self NAME STEP... performs a step (action_step.h) under the name NAME.
  std::string_view script;
  std::string_view programs = {};  // names that busybox does not have, separated by spaces
  unsigned uid = 0;                // in a container
  std::string_view reason = {};    // why it cannot be seen yet; "": it can
};

std::span<const Scenario> actions();

}  // namespace saker::cli
