// SPDX-License-Identifier: Apache-2.0
// Writes alerts as lines to a program's standard input. A separate shell process, started before
// the daemon drops the privilege to start programs, runs it; the shell ends when the pipe to it is
// closed.
#pragma once

#include <memory>
#include <string>

#include "base/error.h"
#include "output/peer.h"

namespace saker::output {

// `keep_alive`: one process takes all alerts, and a new one starts when it ends; otherwise one
// process per alert.
Result<std::unique_ptr<Peer>> program_peer(const std::string& program, bool keep_alive, Form form);

}  // namespace saker::output
