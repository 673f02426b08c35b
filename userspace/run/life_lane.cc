// SPDX-License-Identifier: Apache-2.0
#include "run/life_lane.h"

#include <algorithm>

namespace saker::run {

LifeLane::LifeLane(capture::Source& source, enrich::ProcessTable& table)
    : source_(source), table_(table), lanes_(source.cpus()) {
  ready_.reserve(lanes_.size());
}

void LifeLane::look_for_cpus() {
  if (present_.size() == source_.present()) return;
  present_.clear();
  for (unsigned cpu = 0; cpu < lanes_.size(); cpu++)
    if (source_.has(cpu)) present_.push_back(cpu);
}

void LifeLane::aim(Goal& goal) {
  look_for_cpus();
  goal.until_.resize(lanes_.size());
  goal.any_ = false;
  behind_ = 0;  // left by another thread's goal
  for (unsigned cpu : present_) {
    const std::size_t waiting = source_.peek(cpu, capture::Lane::life).size();
    goal.until_[cpu] = lanes_[cpu].given_back + waiting;
    goal.any_ |= waiting != 0;
  }
}

bool LifeLane::is_behind(const Goal& goal, unsigned cpu) const {
  const Lane& lane = lanes_[cpu];
  return lane.cursor.valid() && lane.given_back + lane.cursor.done() < goal.until_[cpu];
}

// The heads are read again, after those from which the goal was taken. A record that caused one of
// the goal's records, on a CPU that was read earlier, was committed before it, so it is seen now:
// no child is seen before its fork.
bool LifeLane::gather(const Goal& goal) {
  behind_ = 0;
  ready_.clear();
  for (unsigned cpu : present_) {
    Lane& lane = lanes_[cpu];
    const std::span<const std::byte> waiting = source_.peek(cpu, capture::Lane::life);
    if (waiting.empty()) continue;
    lane.cursor = {waiting, &lane.corruption};
    taken_.push_back(cpu);
    if (!lane.cursor.valid()) continue;
    ready_.push_back({lane.cursor.record().head().ts, cpu});
    behind_ += is_behind(goal, cpu);
  }
  std::make_heap(ready_.begin(), ready_.end());
  return behind_ != 0;
}

// Puts the next record of the front lane into its place in the heap: it usually stays at the front.
void LifeLane::sink_front() {
  const Ready moved = ready_.front();
  std::size_t at = 0;
  for (std::size_t child; (child = 2 * at + 1) < ready_.size(); at = child) {
    if (child + 1 < ready_.size() && ready_[child] < ready_[child + 1]) child++;
    if (!(moved < ready_[child])) break;
    ready_[at] = ready_[child];
  }
  ready_[at] = moved;
}

void LifeLane::advance(const Goal& goal) {
  const unsigned cpu = ready_.front().cpu;
  Lane& lane = lanes_[cpu];
  const bool was_behind = is_behind(goal, cpu);
  lane.cursor.next();
  if (was_behind && !is_behind(goal, cpu)) behind_--;
  if (lane.cursor.valid()) {
    ready_.front().ts = lane.cursor.record().head().ts;
  } else {
    ready_.front() = ready_.back();
    ready_.pop_back();
    if (ready_.empty()) return;
  }
  sink_front();
}

void LifeLane::give_back() {
  for (unsigned cpu : taken_) {
    Lane& lane = lanes_[cpu];
    if (const std::size_t done = lane.cursor.done()) {
      source_.consume(cpu, capture::Lane::life, done);
      lane.given_back += done;
    }
    lane.cursor = {};
  }
}

}  // namespace saker::run
