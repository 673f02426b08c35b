// SPDX-License-Identifier: Apache-2.0
// A bounded queue from one thread to one other, without a lock. Each side keeps a copy of the other
// side's index, so it reads the other's cache line only when the queue looks full or empty.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

namespace saker {

template <typename T>
class SpscRing {
 public:
  // `capacity`: a power of two.
  explicit SpscRing(std::size_t capacity)
      : mask_(capacity - 1), slots_(std::make_unique<T[]>(capacity)) {}

  // The producer. False if the queue is full; `value` is unchanged then.
  bool push(T&& value) {
    std::size_t head = head_.load(std::memory_order_relaxed);
    if (head - tail_seen_ > mask_) {
      // Pairs with [spsc-tail]: the slot was emptied.
      tail_seen_ = tail_.load(std::memory_order_acquire);
      if (head - tail_seen_ > mask_) return false;
    }
    slots_[head & mask_] = std::move(value);
    head_.store(head + 1, std::memory_order_release);  // [spsc-head]
    return true;
  }

  // The consumer.
  std::optional<T> pop() {
    std::size_t tail = tail_.load(std::memory_order_relaxed);
    if (tail == head_seen_) {
      // Pairs with [spsc-head]: the slot was filled.
      head_seen_ = head_.load(std::memory_order_acquire);
      if (tail == head_seen_) return std::nullopt;
    }
    std::optional<T> out(std::move(slots_[tail & mask_]));
    tail_.store(tail + 1, std::memory_order_release);  // [spsc-tail]
    return out;
  }

 private:
  const std::size_t mask_;
  const std::unique_ptr<T[]> slots_;
  alignas(64) std::atomic<std::size_t> head_{0};
  std::size_t tail_seen_ = 0;  // the producer's
  alignas(64) std::atomic<std::size_t> tail_{0};
  std::size_t head_seen_ = 0;  // the consumer's
};

}  // namespace saker
