// SPDX-License-Identifier: Apache-2.0
// Decides when an object that a drain thread may still use can be freed: when every drain thread
// has begun and ended a batch since the object became unreachable. A thread never keeps a pointer
// that it found during a batch beyond that batch. A batch reads the heads of its rings after it
// began, so by then all older records are handled too. begin/end: each drain thread for itself.
// advance/done: the thread that retires objects. Others from any thread.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <vector>

namespace saker::enrich {

class Epochs {
 public:
  explicit Epochs(unsigned threads) : slots_(threads) {}

  // Call it before the batch reads a head. Pairs with [epoch-advance]: a batch that begins in a
  // later epoch cannot find an object that became unreachable in an earlier one.
  std::uint64_t begin() const { return now_.load(std::memory_order_acquire); }
  // `began`: the result of begin(). [epoch-end]: all reads of the batch are done.
  void end(unsigned thread, std::uint64_t began) {
    slots_[thread].done.store(began, std::memory_order_release);
  }

  // [epoch-advance]: call it after an object became unreachable. The result is the epoch in which
  // the object was retired: it may be freed when done() is greater. Do not take the number before
  // unlinking: a batch of a later epoch could then still find the object.
  [[nodiscard]] std::uint64_t advance() { return now_.fetch_add(1, std::memory_order_acq_rel); }
  // Pairs with [epoch-end]. The latest epoch such that every thread has begun a batch in it, or
  // later, and ended that batch.
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
