// SPDX-License-Identifier: Apache-2.0
#include "run/outputs.h"

#include <poll.h>

#include <algorithm>
#include <map>

#include "base/clock.h"

namespace saker::run {
namespace {

// Maximum number of alerts taken from one queue in a row, so that a flood from one thread does not
// delay the others.
constexpr int most_in_a_row = 256;
// Waiting alerts of the sensor itself; there are few.
constexpr std::size_t most_waiting = 64;
constexpr std::uint64_t ns_per_ms = 1'000'000;
// How long a replaced sink may continue writing its alerts.
constexpr std::uint64_t retire_ns = 5000 * ns_per_ms;
constexpr int longest_wait_ms = 1000;
// Folded repeats whose window has ended wait so long at most, and a turn of the output thread.
constexpr std::uint64_t look_at_folds_ns = 100 * ns_per_ms;

}  // namespace

void Outputs::start(Sinks sinks, std::vector<AlertQueue*> queues, Annotator annotator,
                    Follower follower) {
  sinks_ = std::move(sinks);
  forget_others(sinks_);
  queues_ = std::move(queues);
  annotator_ = std::move(annotator);
  follower_ = std::move(follower);
  for (const OpenSink& open : sinks_) targets_.push_back(open.sink.get());
}

void Outputs::replace(Sinks sinks) {
  for (OpenSink& open : sinks) {
    if (open.sink) continue;
    auto same = [&](const OpenSink& old) { return old.sink && old.settings == open.settings; };
    if (auto old = std::ranges::find_if(sinks_, same); old != sinks_.end())
      open.sink = std::move(old->sink);
  }
  Change change{.targets = {}, .until = {}, .number = ++changes_};
  for (const OpenSink& open : sinks) change.targets.push_back(open.sink.get());
  for (const AlertQueue* queue : queues_) change.until.push_back(queue->pushed());
  for (OpenSink& old : sinks_)
    if (old.sink) retired_.push_back({std::move(old.sink), changes_});
  sinks_ = std::move(sinks);
  forget_others(sinks_);
  {
    std::lock_guard guard(lock_);
    change_ = std::move(change);
  }
  bell_.ring();
  for (int turns = 0; turns < longest_wait_ms && !changed(changes_); turns++) ::poll(nullptr, 0, 1);
  housekeeping();
}

void Outputs::housekeeping() {
  for (Retired& old : retired_) {
    if (old.stopping || !changed(old.change)) continue;
    old.sink->begin_stop(boot_ns() + retire_ns);
    old.stopping = true;
  }
  std::erase_if(retired_, [this](const Retired& old) {
    const output::SinkCounters& counters = old.sink->counters();
    if (!old.stopping || counters.waiting.load(std::memory_order_relaxed) != 0) return false;
    if (!old.sink->finish()) return false;
    lost_by_gone_ += counters.lost.load(std::memory_order_relaxed);
    return true;
  });
}

std::uint64_t Outputs::lost() const {
  std::uint64_t lost = lost_by_gone_;
  for (const OpenSink& open : sinks_)
    lost += open.sink->counters().lost.load(std::memory_order_relaxed);
  for (const Retired& old : retired_)
    lost += old.sink->counters().lost.load(std::memory_order_relaxed);
  return lost;
}

void Outputs::reopen() {
  for (const OpenSink& open : sinks_) open.sink->reopen();
}

std::vector<std::string> Outputs::stop(std::uint64_t within_ns) {
  std::vector<output::Sink*> all;
  for (const Retired& old : retired_) all.push_back(old.sink.get());
  for (const OpenSink& open : sinks_) all.push_back(open.sink.get());
  const std::uint64_t deadline = boot_ns() + within_ns;
  // First for all of them: one may drop alerts before another has finished.
  std::map<const output::Sink*, std::uint64_t> lost_before;
  for (output::Sink* sink : all)
    lost_before[sink] = sink->counters().lost.load(std::memory_order_relaxed);
  for (output::Sink* sink : all) {
    if (!sink->feeds_others()) continue;
    sink->begin_stop(deadline);
    (void)sink->finish();
  }
  for (output::Sink* sink : all)
    if (!sink->feeds_others()) sink->begin_stop(deadline);
  std::vector<std::string> left;
  // What one that was replaced had is its successor's.
  const auto replaced = [this](const output::Sink* sink) {
    return std::ranges::any_of(retired_,
                               [&](const Retired& old) { return old.sink.get() == sink; });
  };
  for (output::Sink* sink : all) {
    const std::uint64_t before = lost_before[sink];
    const std::uint64_t waiting = sink->counters().waiting.load(std::memory_order_relaxed);
    const bool ended = sink->finish();
    const std::uint64_t after = sink->counters().lost.load(std::memory_order_relaxed);
    const std::uint64_t lost = ended ? after - before : waiting;
    if (lost)
      left.push_back(sink->name() + ": " + std::to_string(lost) +
                     " alerts could not be written before the end");
    if (const std::uint64_t kept = sink->counters().kept.load(); kept && !replaced(sink))
      left.push_back(sink->name() + ": " + std::to_string(kept) +
                     " alerts wait in the spool for the next start");
  }
  return left;
}

void Outputs::report(AlertQueue::Alert alert) {
  {
    std::lock_guard guard(lock_);
    if (waiting_.size() == most_waiting) waiting_.pop_front();
    waiting_.push_back(std::move(alert));
  }
  bell_.ring();
}

void Outputs::pass(AlertQueue::Alert alert) {
  if (annotator_) annotator_(*alert);
  if (alert->recorded) {
    const std::uint64_t now = boot_ns();
    latency_.note(alert->lane, std::max(now, alert->recorded) - alert->recorded);
    if (folder_.take(alert, now)) {
      folded_.fetch_add(1, std::memory_order_relaxed);
      return;
    }
  }
  hand_out(std::move(alert));
}

void Outputs::hand_out(AlertQueue::Alert alert) {
  const output::SharedAlert shared = std::move(alert);
  for (output::Sink* target : targets_) target->take(shared);
  if (follower_) follower_(*shared);
  passed_.fetch_add(1, std::memory_order_relaxed);
}

void Outputs::load_changes() {
  std::deque<AlertQueue::Alert> waiting;
  {
    std::lock_guard guard(lock_);
    waiting.swap(waiting_);
    if (change_.number) coming_ = std::exchange(change_, {});
  }
  for (AlertQueue::Alert& alert : waiting) pass(std::move(alert));
}

bool Outputs::pass_some(std::size_t queue) {
  AlertQueue& from = *queues_[queue];
  for (int i = 0; i < most_in_a_row; i++) {
    if (coming_.number && from.popped() >= coming_.until[queue]) return false;
    AlertQueue::Alert alert = from.pop();
    if (!alert) return false;
    pass(std::move(alert));
  }
  return true;
}

void Outputs::end_folds() {
  folder_.set_window(fold_ns_.load(std::memory_order_relaxed));
  const std::uint64_t now = boot_ns();
  if (folder_.empty() || now - folds_looked_ < look_at_folds_ns) return;
  folds_looked_ = now;
  for (AlertQueue::Alert& alert : folder_.due(now)) hand_out(std::move(alert));
}

void Outputs::finish_folds() {
  for (AlertQueue::Alert& alert : folder_.due(boot_ns(), true)) hand_out(std::move(alert));
}

bool Outputs::turn() {
  load_changes();
  end_folds();
  bool more = false;
  for (std::size_t queue = 0; queue < queues_.size(); queue++) more |= pass_some(queue);
  if (more || coming_.number == 0) return more;
  // Every queue was emptied up to the change.
  targets_ = std::move(coming_.targets);
  const std::uint64_t number = std::exchange(coming_, {}).number;
  changes_done_.store(number, std::memory_order_release);  // [outputs-changed]
  return true;
}

}  // namespace saker::run
