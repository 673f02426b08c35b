// SPDX-License-Identifier: Apache-2.0
// The alerts that wait for one sink, bounded by bytes. If a new alert does not fit, the least
// severe alerts are dropped, the oldest first; an alert that is less severe than all waiting ones
// is dropped itself. Critical and above come out first, then the rest in the order in which they
// came in. Not thread-safe.
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

  // Returns the number of alerts dropped, possibly including this one.
  std::size_t push(SharedAlert alert);
  // Appends to `out` until it has `bytes` more; at least one alert if there is any.
  void pop(std::size_t bytes, std::vector<SharedAlert>& out);
  // Drops all alerts; returns how many.
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
