// SPDX-License-Identifier: Apache-2.0
// The alerts in the spool that one output has not delivered yet, in the order of delivery: Critical
// and above first, the rest in order of arrival. The sink's thread that claimed the cursor reads;
// counters are for any thread. Every alert is delivered or counted as lost, exactly once.
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
  // Alerts that were read but not delivered will be read again by the next thread that claims it.
  void release();

  // Appends alerts up to this many bytes, but at least one if there is any.
  void read(std::size_t bytes, std::vector<SharedAlert>& out);
  // The first `alerts` of those that were read are delivered. The error: the position could not be
  // written; they may be delivered twice.
  Result<void> done(std::size_t alerts);

  bool more() const;
  std::uint64_t waiting() const;  // including those already read
  // Alerts lost since the last call.
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
    bool told = false;          // whether the damage was reported
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
  std::atomic<std::size_t> levels_{spool_levels - 1};  // the least severe level that it gets

  // For each log: the position after alerts that were read or dropped, and after those that are
  // done.
  std::array<std::atomic<std::uint64_t>, spool_levels> read_, done_;
  std::atomic<std::uint64_t> lost_{0}, in_flight_count_{0};

  std::mutex lock_;  // guards changed_ and claimed_
  std::function<void()> changed_;
  bool claimed_ = false;

  // Used by the claiming thread.
  std::array<Log, spool_levels> logs_;
  std::deque<Place> in_flight_;
  std::string record_;
  std::mutex position_lock_;  // guards position_; the spool's thread flushes it
  PositionFile position_;
};

}  // namespace saker::output
