// SPDX-License-Identifier: Apache-2.0
// Small files as a whole, and names in directories, with a limit on what a hostile one can cost.
// Any thread.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/error.h"

namespace saker {

// At most `limit` bytes; a longer file is cut there (files of /proc do not have their size).
Result<std::string> read_file(const std::string& path, std::size_t limit);
// Relative to the directory `dirfd`.
Result<std::string> read_file_at(int dirfd, const char* path, std::size_t limit);
// A file that somebody else may have put there: the error if it is no regular file (nor a link to
// one), or is longer.
Result<std::string> read_regular_file(const std::string& path, std::size_t limit);

// Sorted, the first `most` there are; none if it cannot be read, or as many as could be.
std::vector<std::string> names_in(const std::string& directory, std::size_t most = 100'000);

// What a person or a configuration names, whole: a file, or what comes out of a pipe or a device,
// of which no more than `limit` + 1 bytes are read, so that more is seen. Never waits longer than
// `patience_ms` for the next byte (-1: without end). A pipe that ends without a byte is an error:
// nobody writes to it.
Result<std::string> read_input(const std::string& path, std::size_t limit,
                               int patience_ms = 10'000);
// The same of standard input; to be read once.
Result<std::string> read_standard_input(std::size_t limit);

}  // namespace saker
