// SPDX-License-Identifier: Apache-2.0
#include "service/life_lane.h"

namespace saker::service {

LifeLane::LifeLane(capture::Source& source, enrich::Table& table)
    : source_(source), table_(table), lanes_(source.cpus()) {}

// The heads are read twice. What must be drained is what the first reading saw; a record that caused one of those, on a
// CPU read earlier, was committed before it, so the second reading sees it: no child is met before its fork.
void LifeLane::gather() {
  for (unsigned cpu = 0; cpu < lanes_.size(); cpu++)
    lanes_[cpu].must = source_.peek(cpu, capture::Lane::life).size();
  behind_ = 0;
  for (unsigned cpu = 0; cpu < lanes_.size(); cpu++) {
    Lane& lane = lanes_[cpu];
    lane.cursor = {source_.peek(cpu, capture::Lane::life), &lane.corruption};
    if (lane.cursor.done() < lane.must) behind_++;
  }
}

std::size_t LifeLane::earliest() const {
  if (behind_ == 0) return 0;
  std::size_t best = 0;
  std::uint64_t best_ts = 0;
  for (std::size_t cpu = 0; cpu < lanes_.size(); cpu++) {
    if (!lanes_[cpu].cursor.valid()) continue;
    std::uint64_t ts = lanes_[cpu].cursor.record().head().ts;
    if (best && ts >= best_ts) continue;
    best = cpu + 1;
    best_ts = ts;
  }
  return best;
}

void LifeLane::advance(Lane& lane) {
  bool was_behind = lane.cursor.done() < lane.must;
  lane.cursor.next();
  if (was_behind && lane.cursor.done() >= lane.must) behind_--;
}

void LifeLane::give_back() {
  for (unsigned cpu = 0; cpu < lanes_.size(); cpu++) {
    if (std::size_t done = lanes_[cpu].cursor.done())
      source_.consume(cpu, capture::Lane::life, done);
    lanes_[cpu].cursor = {};
  }
}

}  // namespace saker::service
