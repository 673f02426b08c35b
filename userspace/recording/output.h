// SPDX-License-Identifier: Apache-2.0
// A recording that is being written. Whole blocks are appended, each with one write, so if the
// writer dies, the file is readable up to its last whole block. One thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/fd.h"

namespace saker::recording {

class Output {
 public:
  // A new file, mode 0600, that begins with the block `description`; an existing file is emptied.
  // "-": standard output.
  static Result<Output> create(const std::string& path, std::string_view description);

  Result<void> append(std::string_view block);
  std::uint64_t size() const { return size_; }
  const std::string& path() const { return path_; }

 private:
  Output(Fd file, std::string path) : file_(std::move(file)), path_(std::move(path)) {}

  Fd file_;
  std::string path_;
  std::uint64_t size_ = 0;
};

}  // namespace saker::recording
