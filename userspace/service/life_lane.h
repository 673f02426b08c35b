// SPDX-License-Identifier: Apache-2.0
// Drains lane LIFE of all CPUs into the process table, in the order of time. For the holder of the life lock.
#pragma once

#include <span>
#include <vector>

#include "capture/source.h"
#include "decode/cursor.h"
#include "enrich/table.h"

namespace saker::service {

class LifeLane {
 public:
  LifeLane(capture::Source& source, enrich::Table& table);

  // All that was committed before the call. visit(record, image it is to be matched against or null).
  template <typename Visit>
  void drain(Visit visit) {
    gather();
    while (std::size_t cpu = earliest()) {
      Lane& lane = lanes_[cpu - 1];
      decode::Record record = lane.cursor.record();
      if (record.family() == decode::Family::gap) gaps_++;
      visit(record, table_.apply(record));
      advance(lane);
    }
    give_back();
    table_.collect();
  }

  // Gap records of this lane seen so far: each means that the table may have missed something.
  std::uint64_t gaps() const { return gaps_; }
  const decode::Corruption& corruption(unsigned cpu) const { return lanes_[cpu].corruption; }

 private:
  struct Lane {
    decode::Cursor cursor;
    decode::Corruption corruption;
    std::size_t must = 0;  // bytes that have to be drained now
  };

  void gather();
  // The CPU, plus one, whose next record is the oldest; 0 when all that must be drained is.
  std::size_t earliest() const;
  void advance(Lane& lane);
  void give_back();

  capture::Source& source_;
  enrich::Table& table_;
  std::vector<Lane> lanes_;
  std::size_t behind_ = 0;  // lanes that have not come to their `must`
  std::uint64_t gaps_ = 0;
};

}  // namespace saker::service
