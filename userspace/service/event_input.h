// SPDX-License-Identifier: Apache-2.0
// An input with events, named by a person: a file, a pipe, or "-" for standard input. Opened once;
// its format is detected without consuming bytes. One thread.
#pragma once

#include <string>

#include "base/error.h"
#include "base/fd.h"

namespace saker::service {

struct EventInput {
  Fd file;
  std::string name;        // for messages
  bool recording = false;  // otherwise a capture; a recording can be read at any offset
};

// Waits for a pipe that nobody writes to yet. A recording that arrives through a pipe is first
// stored in an unnamed file (TMPDIR, /tmp, otherwise memory); a capture is read as it arrives. The
// error names the input.
Result<EventInput> open_event_input(const std::string& path);

}  // namespace saker::service
