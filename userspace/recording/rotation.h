// SPDX-License-Identifier: Apache-2.0
// A recording that begins a new file after a number of bytes or a time, and keeps the last few
// files: PATH is the one being written, PATH.1 the previous one, and so on. Existing files are
// renamed, never overwritten. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/error.h"
#include "recording/frame.h"
#include "recording/output.h"

namespace saker::recording {

struct Rotation {
  std::uint64_t size = 0;  // bytes; 0: no limit
  std::uint64_t time = 0;  // ns; 0: no limit
  unsigned files = 10;     // maximum, including the one being written
};

class RotatingOutput {
 public:
  // `description`: the block with which each file begins.
  static Result<RotatingOutput> create(std::string path, Rotation rotation, std::string description,
                                       std::uint64_t now);

  // `now`: ns of any monotonic clock.
  Result<void> append(std::string_view block, std::uint64_t now);
  std::uint64_t files() const { return begun_; }

 private:
  RotatingOutput(std::string path, Rotation rotation, std::string description)
      : path_(std::move(path)), rotation_(rotation), description_(std::move(description)) {}
  Result<void> begin(std::uint64_t now);

  std::string path_;
  Rotation rotation_;
  std::string description_;
  std::optional<Output> output_;
  std::uint64_t since_ = 0, begun_ = 0;
};

}  // namespace saker::recording
