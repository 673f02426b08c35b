// SPDX-License-Identifier: Apache-2.0
// Alerts as lines to a program's standard input. A shell beside the daemon runs it, begun before
// the daemon gives up the right to start programs; it ends when the pipe to it is closed.
#pragma once

#include <memory>
#include <string>

#include "base/error.h"
#include "output/peer.h"

namespace saker::output {

// `keep_alive`: one process takes all alerts, and another one when it ends; else a process each.
Result<std::unique_ptr<Peer>> program_peer(const std::string& program, bool keep_alive, Form form);

}  // namespace saker::output
