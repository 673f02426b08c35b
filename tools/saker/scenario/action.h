// SPDX-License-Identifier: Apache-2.0
// The actions of Falco's event-generator, by their names: each must make one rule of the official
// rule files alert. An action is a shell script that busybox runs, on the host or in a container.
//
// On the host it runs in a mount namespace of its own, in which /etc, /root, /usr and /var are
// overlays that are gone with it, and in a network of its own with the address 192.0.2.1.
#pragma once

#include <string_view>

#include "scenario.h"

namespace saker::cli {

enum class Place : unsigned char { host, container, privileged_container };

struct Action {
  Place place;
  // Name of the process that runs the script; on the host any, in a container "" (sh).
  std::string_view as;
  // In it $B is a directory in which every program of busybox lies, and those of `programs`; TAG is
  // unlike that of any other run; self NAME STEP... performs a step (action_step.h) as NAME.
  std::string_view script;
  std::string_view programs = {};  // names that busybox does not have, with a space between them
  unsigned uid = 0;                // in a container
  std::string_view reason = {};    // why it cannot be seen yet; "": it can
};

std::span<const Scenario> actions();

}  // namespace saker::cli
