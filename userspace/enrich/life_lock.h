// SPDX-License-Identifier: Apache-2.0
// Guards the writing side of the process table, the containers and lane LIFE. Every drain thread
// needs it, so no thread may hold it for long: the lock measures how long each thread holds it. Use
// it with std::lock_guard. Any thread may call longest_ns().
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>

#include "base/clock.h"

namespace saker::enrich {

class LifeLock {
 public:
  void lock() {
    mutex_.lock();
    since_ = clock_ns(CLOCK_MONOTONIC);
  }
  void unlock() {
    const std::uint64_t held = clock_ns(CLOCK_MONOTONIC) - since_;
    // Only the holder writes it.
    if (held > longest_.load(std::memory_order_relaxed))
      longest_.store(held, std::memory_order_relaxed);
    mutex_.unlock();
  }
  std::uint64_t longest_ns() const { return longest_.load(std::memory_order_relaxed); }

 private:
  std::mutex mutex_;
  std::uint64_t since_ = 0;
  std::atomic<std::uint64_t> longest_{0};
};

}  // namespace saker::enrich
