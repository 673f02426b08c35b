// SPDX-License-Identifier: Apache-2.0
// Alerts on their way from one drain thread to the output thread, bounded by number and by bytes.
// An alert is never dropped here: if the queue is full, the drain thread waits for space, and
// records stay in the ring, which counts every loss exactly. The output thread is woken by the
// first alert of a batch, by a severe one, and when many wait; not for every alert.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "base/bell.h"
#include "base/spsc_ring.h"
#include "output/alert.h"

namespace saker::run {

class AlertQueue {
 public:
  using Alert = std::shared_ptr<output::Alert>;

  static constexpr std::size_t most_alerts = 8192;
  static constexpr std::size_t most_bytes = 4u << 20;

  // `bell` wakes the output thread; it must outlive the queue.
  explicit AlertQueue(const Bell& bell) : bell_(bell) {}

  // The drain thread. An alert larger than the queue is accepted when the queue is empty.
  void push(Alert alert);
  void end_batch();

  // The output thread; null: none waits.
  Alert pop();
  std::uint64_t popped() const { return popped_.load(std::memory_order_relaxed); }
  // Any thread: how many alerts were pushed until now.
  std::uint64_t pushed() const {
    // Pairs with [alert-pushed]: this many can be popped.
    return pushed_.load(std::memory_order_acquire);
  }

 private:
  bool has_room(std::size_t bytes) const;
  void await_room(std::size_t bytes);
  void ring_output();

  const Bell& bell_;
  const Bell room_;
  std::atomic<bool> waiting_{false};  // for room_
  SpscRing<Alert> ring_{most_alerts};
  std::atomic<std::uint64_t> pushed_{0}, popped_{0};
  std::atomic<std::size_t> bytes_{0};
  // Used by the drain thread.
  bool batch_begun_ = false;
  std::size_t not_rung_ = 0;
};

}  // namespace saker::run
