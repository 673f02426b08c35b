// SPDX-License-Identifier: Apache-2.0
// When may something be freed that a drain thread may still look at? When every drain thread has
// begun and ended a batch since it was taken out of reach: what a thread finds during a batch it
// never keeps beyond it. And since a batch takes the heads of its rings after it began, all records
// from before are behind it then, too. begin/end: each drain thread for itself. advance/done: the
// one who retires. All from any thread.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <vector>

namespace saker::enrich {

class Epochs {
 public:
  explicit Epochs(unsigned threads) : slots_(threads) {}

  // To be called before the batch takes a head. Pairs with [epoch-advance]: a batch that begins in
  // a later epoch finds nothing that was taken out of reach in an earlier one.
  std::uint64_t begin() const { return now_.load(std::memory_order_acquire); }
  // `began`: what begin() gave. [epoch-end]: all that the batch read, it has read.
  void end(unsigned thread, std::uint64_t began) {
    slots_[thread].done.store(began, std::memory_order_release);
  }

  // [epoch-advance]: to be called after something was taken out of reach. The result is the epoch
  // in which that was retired: it may be freed once done() is greater. It cannot be read
  // beforehand, for then a batch of a later epoch could still find what is retired.
  [[nodiscard]] std::uint64_t advance() { return now_.fetch_add(1, std::memory_order_acq_rel); }
  // Pairs with [epoch-end]. The epoch in which, or later, every thread has begun a batch that it
  // has ended.
  std::uint64_t done() const {
    std::uint64_t least = ~std::uint64_t{0};
    for (const Slot& slot : slots_)
      least = std::min(least, slot.done.load(std::memory_order_acquire));
    return least;
  }

 private:
  struct alignas(64) Slot {
    std::atomic<std::uint64_t> done{0};
  };
  std::atomic<std::uint64_t> now_{1};
  std::vector<Slot> slots_;
};

}  // namespace saker::enrich
