// SPDX-License-Identifier: Apache-2.0
// Runs another program to its end, for scenarios. One thread.
#pragma once

#include <string>
#include <vector>

namespace saker::cli {

struct Ended {
  int status = -1;     // as from wait(2); -1: it could not be started
  std::string output;  // the end of its output on both streams

  bool well() const { return status == 0; }
  // Its last line of output, or how it ended.
  std::string last_words() const;
};

// `words[0]` is a path. Its input is empty; with `terminal` it gets a new controlling terminal.
// `name`: its argv[0], if not words[0].
Ended run_program(const std::vector<std::string>& words, bool terminal = false,
                  const std::string& name = {});

// The first of these that can be executed, "" if none.
std::string find_program(std::initializer_list<const char*> paths);

}  // namespace saker::cli
