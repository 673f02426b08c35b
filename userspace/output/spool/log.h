// SPDX-License-Identifier: Apache-2.0
// Reads the alerts of a spool from disk without changing it; a daemon may use it meanwhile. One
// thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "output/spool/block_reader.h"
#include "output/spool/directory.h"
#include "output/spool/record.h"

namespace saker::output {

// The alerts of one priority, from a number on, in their order.
class SpoolLog {
 public:
  // `segments`: of the whole directory.
  SpoolLog(std::string directory, const std::vector<Segment>& segments, std::size_t level,
           std::uint64_t from);
  std::optional<SpoolRecord> next();
  std::uint64_t damaged_bytes() const {
    return damaged_ + (reader_ ? reader_->damaged_bytes() : 0);
  }

 private:
  bool open_next();

  std::string directory_;
  std::size_t level_;
  std::vector<std::uint64_t> firsts_;  // of the remaining segments, last one first
  std::uint64_t from_, damaged_ = 0;
  std::optional<BlockReader> reader_ = {};
  std::string bytes_ = {};
};

// The alerts of all priorities, in the order in which they arrived.
class WholeSpool {
 public:
  explicit WholeSpool(const std::string& directory);
  std::optional<SpoolRecord> next();
  std::uint64_t damaged_bytes() const;

 private:
  std::vector<SpoolLog> logs_;
  std::vector<std::optional<SpoolRecord>> ahead_;
};

// For each priority the number of the next alert.
SpoolNumbers next_numbers(const std::string& directory, const std::vector<Segment>& segments);

}  // namespace saker::output
