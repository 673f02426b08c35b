// SPDX-License-Identifier: Apache-2.0
// Writes alerts as lines to stdout or to a file. Many lines are written at once; a line that was
// begun is finished before anything else.
#pragma once

#include <memory>
#include <string>

#include "base/error.h"
#include "base/fd.h"
#include "output/peer.h"

namespace saker::output {

// Coloured by priority if stdout is a terminal and `form` is text; with "<N>" before each line if
// systemd's journal reads it.
std::unique_ptr<Peer> stdout_peer(Form form);

// To a non-blocking pipe.
std::unique_ptr<Peer> pipe_peer(Fd fd, Form form);

// Appends; creates the file with mode 0640 if it does not exist. A file that was moved or removed
// is created again before the next line, without a request.
Result<std::unique_ptr<Peer>> file_peer(const std::string& path, Form form);

}  // namespace saker::output
