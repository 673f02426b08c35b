// SPDX-License-Identifier: Apache-2.0
// Alerts as lines, to stdout or to a file. Lines are written many at once; one that was begun is
// finished before anything else.
#pragma once

#include <memory>
#include <string>

#include "base/error.h"
#include "base/fd.h"
#include "output/peer.h"

namespace saker::output {

// Coloured by priority where that is a terminal and `form` text; with "<N>" before each line where
// systemd's journal reads.
std::unique_ptr<Peer> stdout_peer(Form form);

// To a pipe that does not wait.
std::unique_ptr<Peer> pipe_peer(Fd fd, Form form);

// Appends; made with mode 0640 if it is not there. A file that was moved or removed is made anew
// before the next line, without anybody's asking.
Result<std::unique_ptr<Peer>> file_peer(const std::string& path, Form form);

}  // namespace saker::output
