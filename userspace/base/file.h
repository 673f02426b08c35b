// SPDX-License-Identifier: Apache-2.0
// Reads small files completely, and lists names in directories. Limits bound the cost of a hostile
// file. Any thread.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/fd.h"

namespace saker {

// Reads at most `limit` bytes; a longer file is truncated (files in /proc do not report their
// size).
Result<std::string> read_file(const std::string& path, std::size_t limit);
// The same, relative to the directory `dirfd`.
Result<std::string> read_file_at(int dirfd, const char* path, std::size_t limit);
// For a file that somebody else may have put there: an error if it is not a regular file (a link to
// one is none either), or is longer than `limit`.
Result<Fd> open_regular_file(const std::string& path);
Result<std::string> read_regular_file(const std::string& path, std::size_t limit);

// Sorted; at most the first `most` names. If reading fails, the names read so far; none if it
// cannot be opened.
std::vector<std::string> names_in(const std::string& directory, std::size_t most = 100'000);

// Reads a path from a person or a configuration completely: a file, or the output of a pipe or a
// device. At most `limit` + 1 bytes are read, so that the caller can see that there is more. Never
// waits longer than `patience_ms` for the next byte (-1: without limit). A pipe that ends without a
// byte is an error: nobody writes to it.
Result<std::string> read_input(const std::string& path, std::size_t limit,
                               int patience_ms = 10'000);
// The same for standard input; it can be read only once.
Result<std::string> read_standard_input(std::size_t limit);

}  // namespace saker
