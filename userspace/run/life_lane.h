// SPDX-License-Identifier: Apache-2.0
// Drains lane LIFE of all CPUs into the process table, in the order of time. For the holder of the
// life lock.
//
// It works in steps, so that the lock is never held for long: a drain thread sets its goal to
// everything that was committed when it began, and takes steps until the goal is reached, by itself
// or by other threads that take steps in between. Each step frees the ring space that it read.
#pragma once

#include <cstdint>
#include <vector>

#include "base/clock.h"
#include "capture/source.h"
#include "decode/cursor.h"
#include "enrich/table.h"
#include "run/merge_tree.h"

namespace saker::run {

class LifeLane {
 public:
  // Limits of one step.
  static constexpr std::size_t step_records = 2048, step_bytes = 512u << 10;
  static constexpr std::uint64_t step_ns = 2'000'000;
  // The clock is read after so many records.
  static constexpr std::size_t clock_records = 64;

  // How far each CPU's lane must be drained. Belongs to one drain thread.
  class Goal {
    friend class LifeLane;
    std::vector<std::uint64_t> until_;  // by CPU, in bytes since the beginning
    bool any_ = false;
  };

  LifeLane(capture::Source& source, enrich::ProcessTable& table);

  // Sets the goal to everything that is committed now.
  void aim(Goal& goal);
  // Calls visit(record, image to match it against, or null) for each record; false ends the step.
  // Returns true when the goal is reached.
  template <typename Visit>
  bool step(const Goal& goal, Visit visit) {
    taken_.clear();
    bool more = goal.any_ && gather(goal);
    std::size_t bytes = 0;
    const std::uint64_t until = clock_ns(CLOCK_MONOTONIC) + step_ns;
    for (std::size_t i = 0; more && i < step_records && bytes < step_bytes && behind_; i++) {
      const decode::Record record = front().cursor.record();
      bytes += record.head().len;
      if (record.family() == decode::Family::gap) gaps_++;
      more = visit(record, table_.apply(record));
      advance();
      if (i % clock_records == clock_records - 1 && clock_ns(CLOCK_MONOTONIC) > until) break;
    }
    give_back();
    table_.collect();
    return behind_ == 0;
  }

  // Gap records of this lane seen so far: each means that the table may have missed something.
  std::uint64_t gaps() const { return gaps_; }
  const decode::Corruption& corruption(unsigned cpu) const { return lanes_[cpu].corruption; }
  // CPUs from which the last step has read.
  const std::vector<unsigned>& taken() const { return taken_; }

 private:
  struct Lane {
    decode::Cursor cursor;
    decode::Corruption corruption;
    std::uint64_t given_back = 0;  // bytes, since the beginning
    std::uint64_t wanted = 0;      // bytes from there on to the goal

    bool behind() const { return cursor.valid() && cursor.done() < wanted; }
  };

  void look_for_cpus();
  bool gather(const Goal& goal);
  Lane& front() { return *ready_[tree_.front().place]; }
  void advance();
  void give_back();

  capture::Source& source_;
  enrich::ProcessTable& table_;
  std::vector<Lane> lanes_;
  std::vector<unsigned> present_;  // CPUs that have rings
  std::vector<unsigned> taken_;
  // Lanes with a waiting record when the step began; a place in the tree is one in here.
  std::vector<Lane*> ready_;
  std::vector<MergeTree::Key> keys_;  // of their first records
  MergeTree tree_;
  std::size_t behind_ = 0;  // lanes that have not reached the goal
  std::uint64_t gaps_ = 0;
};

}  // namespace saker::run
