// SPDX-License-Identifier: Apache-2.0
// A recording that begins a new file after so many bytes, or so long, and keeps the last few: PATH
// is the one being written, PATH.1 the one before it, and so on. What is there already is moved on,
// never overwritten. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/error.h"
#include "recording/frame.h"
#include "recording/output.h"

namespace saker::recording {

struct Rotation {
  std::uint64_t size = 0;  // bytes; 0: any
  std::uint64_t time = 0;  // ns; 0: any
  unsigned files = 10;     // at most, the one being written too
};

class RotatingOutput {
 public:
  // `description`: the block each file begins with.
  static Result<RotatingOutput> create(std::string path, Rotation rotation, std::string description,
                                       std::uint64_t now);

  // `now`: of any clock that only goes forward, ns.
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
