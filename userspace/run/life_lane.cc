// SPDX-License-Identifier: Apache-2.0
#include "run/life_lane.h"

#include <algorithm>

namespace saker::run {
namespace {

// Of a waiting record: before that of a lane that has none.
std::uint64_t time_of(const decode::Record& record) {
  return std::min<std::uint64_t>(record.head().ts, MergeTree::never - 1);
}

// Begins to read the next records of a ring.
void fetch(const std::byte* at) {
  __builtin_prefetch(at);
  __builtin_prefetch(at + 64);
}

}  // namespace

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

// The heads are read again, after those from which the goal was taken. A record that caused one of
// the goal's records, on a CPU that was read earlier, was committed before it, so it is seen now:
// no child is seen before its fork.
bool LifeLane::gather(const Goal& goal) {
  behind_ = 0;
  ready_.clear();
  keys_.clear();
  for (unsigned cpu : present_) {
    Lane& lane = lanes_[cpu];
    const std::span<const std::byte> waiting = source_.peek(cpu, capture::Lane::life);
    if (waiting.empty()) continue;
    lane.cursor = {waiting, &lane.corruption};
    lane.wanted = goal.until_[cpu] - std::min(goal.until_[cpu], lane.given_back);
    taken_.push_back(cpu);
    if (!lane.cursor.valid()) continue;
    keys_.push_back({time_of(lane.cursor.record()), ready_.size()});
    ready_.push_back(&lane);
    behind_ += lane.behind();
  }
  if (!keys_.empty()) tree_.begin(keys_);
  return behind_ != 0;
}

void LifeLane::advance() {
  Lane& lane = front();
  const bool was_behind = lane.behind();
  lane.cursor.next();
  behind_ -= was_behind && !lane.behind();
  std::uint64_t ts = MergeTree::never;
  if (lane.cursor.valid()) {
    const decode::Record next = lane.cursor.record();
    ts = time_of(next);
    // The record after it is looked at when this one was handled: with many CPUs that takes a
    // while.
    fetch(reinterpret_cast<const std::byte*>(&next.head()) + next.head().len);
  }
  tree_.replace_front(ts);
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
