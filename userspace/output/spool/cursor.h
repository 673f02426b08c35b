// SPDX-License-Identifier: Apache-2.0
// What one output still has to get from the spool, in the order in which it is to: Critical and
// worse first, the rest as they came. The sink's thread that claimed it reads; counters are for any
// thread. Every alert is delivered or counted as lost, once.
#pragma once

#include <array>
#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "output/spool/block_reader.h"
#include "output/spool/record.h"
#include "output/spool/spool.h"

namespace saker::output {

class SpoolCursor {
 public:
  SpoolCursor(SharedSpool spool, std::string output, PositionFile position);

  // False: another sink of the same output has not ended yet. `changed`: called by any thread when
  // there may be more to read, or something was lost.
  bool claim(lang::Priority priority, std::function<void()> changed);
  // What was read and not delivered comes again, to whoever claims it next.
  void release();

  // Appends alerts of so many bytes, one at least if there is any.
  void read(std::size_t bytes, std::vector<SharedAlert>& out);
  // The first `alerts` of those that were read need not be kept. The error: the position could not
  // be written; they may come twice.
  Result<void> done(std::size_t alerts);

  bool more() const;
  std::uint64_t waiting() const;  // read or not
  // Alerts lost since it was last asked.
  std::uint64_t collect_lost();

  const std::string& output() const { return output_; }
  bool passed(std::size_t level, std::uint64_t end) const {
    return level > levels_ || done_[level].load(std::memory_order_relaxed) >= end;
  }
  void notify();
  void flush();

 private:
  struct Place {
    std::size_t level;
    std::uint64_t number;
  };
  struct Log {
    std::optional<BlockReader> reader = {};
    std::uint64_t segment = 0;  // its first alert's number
    bool told = false;          // that it is damaged
    std::optional<SpoolRecord> ahead = {};
  };

  bool look_ahead(std::size_t level);
  bool open_segment(std::size_t level, std::uint64_t number);
  bool open_next_segment(std::size_t level);
  void give_up_until(std::size_t level, std::uint64_t number);
  bool take(std::size_t level);
  Log* choose();
  void tell_damage(std::size_t level);

  const SharedSpool spool_;
  const std::string output_;
  std::atomic<std::size_t> levels_{spool_levels - 1};  // the least severe that is for it

  // Of each log: what was read or given up, and what need not be kept.
  std::array<std::atomic<std::uint64_t>, spool_levels> read_, done_;
  std::atomic<std::uint64_t> lost_{0}, in_flight_count_{0};

  std::mutex lock_;  // guards changed_ and claimed_
  std::function<void()> changed_;
  bool claimed_ = false;

  // The claiming thread's.
  std::array<Log, spool_levels> logs_;
  std::deque<Place> in_flight_;
  std::string record_;
  std::mutex position_lock_;  // guards position_; the spool's thread flushes it
  PositionFile position_;
};

}  // namespace saker::output
