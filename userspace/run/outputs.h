// SPDX-License-Identifier: Apache-2.0
// Moves alerts from the queues of the drain threads to the sinks and followers. turn() is called by
// the output thread and never waits; everything else by the main thread, except report(), which any
// thread may call.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "base/bell.h"
#include "base/error.h"
#include "base/log.h"
#include "output/folder.h"
#include "output/sink.h"
#include "run/alert_queue.h"
#include "run/latency.h"
#include "run/open_sinks.h"

namespace saker::run {

class Outputs {
 public:
  using Annotator = std::function<void(output::Alert&)>;
  using Follower = std::function<void(const output::Alert&)>;

  explicit Outputs(const Bell& bell) : bell_(bell) {}

  // Call it before the output thread begins.
  void start(Sinks sinks, std::vector<AlertQueue*> queues, Annotator annotator, Follower follower);
  // New alerts go to the new sinks; alerts that are in the queues already go to the old ones, which
  // finish writing in their own time.
  void replace(Sinks sinks);
  void reopen();
  // Frees old sinks that have finished. Once a second.
  void housekeeping();
  // Call it after the output thread has ended: each sink writes what it has, within this total
  // time. Returns a sentence for each sink that could not.
  std::vector<std::string> stop(std::uint64_t within_ns);

  // An alert of the sensor itself, ahead of those in the queues.
  void report(AlertQueue::Alert alert);
  // Returns whether there may be more alerts in the queues.
  bool turn();
  // After the last turn: repeats that wait for their window's end.
  void finish_folds();
  // From now on repeats within so long become one alert; 0: they are passed on.
  void fold(std::uint64_t window_ns) {
    fold_ns_.store(window_ns, std::memory_order_relaxed);
    bell_.ring();
  }

  const Sinks& sinks() const { return sinks_; }
  // Alerts lost by sinks, including sinks that were replaced.
  std::uint64_t lost() const;
  std::uint64_t passed() const { return passed_.load(std::memory_order_relaxed); }
  // Repeats that were folded into others.
  std::uint64_t folded() const { return folded_.load(std::memory_order_relaxed); }
  const Latency& latency() const { return latency_; }

 private:
  using Targets = std::vector<output::Sink*>;

  void load_changes();
  void pass(AlertQueue::Alert alert);
  void hand_out(AlertQueue::Alert alert);
  void end_folds();
  bool pass_some(std::size_t queue);
  bool changed(std::uint64_t number) const {
    // Pairs with [outputs-changed]: the old sinks get no more alerts.
    return changes_done_.load(std::memory_order_acquire) >= number;
  }

  const Bell& bell_;
  Sinks sinks_;
  struct Retired {
    std::unique_ptr<output::Sink> sink;
    std::uint64_t change;  // the change after which it gets no more alerts
    bool stopping = false;
  };
  std::vector<Retired> retired_;
  std::uint64_t lost_by_gone_ = 0;
  std::uint64_t changes_ = 0;
  std::atomic<std::uint64_t> changes_done_{0}, passed_{0}, folded_{0}, fold_ns_{0};

  std::mutex lock_;  // guards the members below; held only briefly
  std::deque<AlertQueue::Alert> waiting_;
  struct Change {
    Targets targets;
    // for each queue: alerts up to this number are for the old sinks
    std::vector<std::uint64_t> until;
    std::uint64_t number = 0;  // 0: none
  } change_;

  // Used by the output thread.
  std::vector<AlertQueue*> queues_;
  Annotator annotator_;
  Follower follower_;
  Targets targets_;
  Change coming_;
  Latency latency_;
  output::Folder folder_;
  std::uint64_t folds_looked_ = 0;
};

}  // namespace saker::run
