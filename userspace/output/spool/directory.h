// SPDX-License-Identifier: Apache-2.0
// The files in the directory of a spool: their names, and the position of each output. Any thread;
// a position is used by one thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/fd.h"
#include "output/spool/format.h"

namespace saker::output {

struct Segment {
  std::size_t level = 0;    // the priority of its alerts
  std::uint64_t first = 0;  // number of its first alert
  std::uint64_t bytes = 0;
  std::uint64_t written = 0;  // time of the last write, wall clock, ns
};

std::string segment_path(const std::string& directory, std::size_t level, std::uint64_t first);
// By level, and then by number.
std::vector<Segment> segments_in(const std::string& directory);

// Files of positions, by the names of their outputs.
std::vector<std::string> positions_in(const std::string& directory);
std::string position_path(const std::string& directory, std::string_view output);

// The position of an output: in each log, the number of the next alert. Two copies are written in
// turn, so that one is always complete.
class PositionFile {
 public:
  // Created with `first` if there is none, or none that can be read.
  static Result<PositionFile> open(const std::string& path, const SpoolNumbers& first);
  // Reads a position file without opening it for writing.
  static std::optional<SpoolNumbers> read(const std::string& path);

  const SpoolNumbers& numbers() const { return numbers_; }
  Result<void> write(const SpoolNumbers& numbers);
  const Fd& file() const { return file_; }

 private:
  explicit PositionFile(Fd file) : file_(std::move(file)) {}

  Fd file_;
  SpoolNumbers numbers_ = {};
  std::uint64_t generation_ = 0;
};

}  // namespace saker::output
