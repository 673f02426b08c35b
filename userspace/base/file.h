// SPDX-License-Identifier: Apache-2.0
// Small files as a whole, with a limit on what a hostile one can cost.
#pragma once

#include <string>

#include "base/error.h"

namespace saker {

// At most `limit` bytes; a longer file is cut there (files of /proc do not tell their size).
Result<std::string> read_file(const std::string& path, std::size_t limit);
// Relative to the directory `dirfd`.
Result<std::string> read_file_at(int dirfd, const char* path, std::size_t limit);

}  // namespace saker
