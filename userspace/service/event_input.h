// SPDX-License-Identifier: Apache-2.0
// What a person names to be read for events: a file, a pipe, or standard input as "-". Opened once,
// and its format is told without taking anything from it. One thread.
#pragma once

#include <string>

#include "base/error.h"
#include "base/fd.h"

namespace saker::service {

struct EventInput {
  Fd file;
  std::string name;        // for messages
  bool recording = false;  // else a capture; a recording can be read at any place
};

// A pipe that nobody writes to yet is waited for. A recording that comes through a pipe is put into
// a file without a name first (TMPDIR, /tmp, else memory); a capture is read as it comes. The error
// names the input.
Result<EventInput> open_event_input(const std::string& path);

}  // namespace saker::service
