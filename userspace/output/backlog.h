// SPDX-License-Identifier: Apache-2.0
// The alerts that wait for one sink, bounded by bytes. Where one more does not fit, the least
// severe go, of those the oldest, and an alert less severe than all that wait is itself what goes.
// Out come Critical and worse first, then the rest in the order they came in. Not for two threads.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <vector>

#include "output/alert.h"

namespace saker::output {

class Backlog {
 public:
  explicit Backlog(std::size_t limit_bytes) : limit_(limit_bytes) {}

  // How many alerts were given up for it, itself included.
  std::size_t push(SharedAlert alert);
  // Appends to `out` until it has `bytes` more, one alert at least if there is any.
  void pop(std::size_t bytes, std::vector<SharedAlert>& out);
  // Gives up all; how many that were.
  std::size_t clear();

  std::size_t size() const { return size_; }
  std::size_t bytes() const { return bytes_; }

 private:
  struct Waiting {
    SharedAlert alert;
    std::uint64_t number;
  };
  using Level = std::deque<Waiting>;

  Level* next();
  void drop_front(Level& level);

  const std::size_t limit_;
  std::array<Level, 8> levels_;  // by priority, most severe first
  std::size_t size_ = 0, bytes_ = 0;
  std::uint64_t next_number_ = 0;
};

}  // namespace saker::output
