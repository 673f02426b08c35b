// SPDX-License-Identifier: Apache-2.0
#include "run/alert_queue.h"

namespace saker::run {
namespace {

// The output thread is woken at the latest when this many wait.
constexpr std::size_t mark = AlertQueue::most_alerts / 4;
// Maximum sleep of a drain thread before it checks for space again.
constexpr int look_again_ms = 10;

}  // namespace

bool AlertQueue::has_room(std::size_t bytes) const {
  const std::uint64_t waiting =
      pushed_.load(std::memory_order_relaxed) - popped_.load(std::memory_order_seq_cst);
  return waiting == 0 ||
         (waiting < most_alerts && bytes_.load(std::memory_order_relaxed) + bytes <= most_bytes);
}

void AlertQueue::await_room(std::size_t bytes) {
  while (!has_room(bytes)) {
    ring_output();
    // Store, then load: either this thread sees the free space, or the output thread sees that it
    // waits.
    waiting_.store(true, std::memory_order_seq_cst);
    if (has_room(bytes)) break;
    room_.await(look_again_ms);
  }
  waiting_.store(false, std::memory_order_relaxed);
}

void AlertQueue::push(Alert alert) {
  const std::size_t bytes = alert->bytes();
  const bool severe = alert->severe();
  if (!has_room(bytes)) await_room(bytes);
  bytes_.fetch_add(bytes, std::memory_order_relaxed);
  // There is space: only this thread fills the ring.
  (void)ring_.push(std::move(alert));
  const std::uint64_t pushed = pushed_.load(std::memory_order_relaxed) + 1;
  pushed_.store(pushed, std::memory_order_release);  // [alert-pushed]
  if (!batch_begun_ || severe || ++not_rung_ >= mark) ring_output();
  batch_begun_ = true;
}

void AlertQueue::end_batch() {
  if (not_rung_ != 0) ring_output();
  batch_begun_ = false;
}

void AlertQueue::ring_output() {
  bell_.ring();
  not_rung_ = 0;
}

AlertQueue::Alert AlertQueue::pop() {
  std::optional<Alert> alert = ring_.pop();
  if (!alert) return nullptr;
  // Before other threads can change the alert: subtracts the bytes that were added for it.
  bytes_.fetch_sub((*alert)->bytes(), std::memory_order_relaxed);
  const std::uint64_t popped = popped_.load(std::memory_order_relaxed) + 1;
  popped_.store(popped, std::memory_order_seq_cst);
  // When half of the queue is free, the drain thread continues, so that it can add more than one
  // alert.
  const bool half = pushed_.load(std::memory_order_relaxed) - popped <= most_alerts / 2 &&
                    bytes_.load(std::memory_order_relaxed) <= most_bytes / 2;
  if (half && waiting_.load(std::memory_order_seq_cst)) room_.ring();
  return std::move(*alert);
}

}  // namespace saker::run
