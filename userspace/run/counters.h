// SPDX-License-Identifier: Apache-2.0
// What a drain thread counts. It alone adds; any thread reads, so that each number is right by
// itself.
#pragma once

#include <atomic>
#include <cstdint>

namespace saker::run {

class Counter {
 public:
  // A load and a store, cheaper than an atomic addition: there is one writer.
  void add(std::uint64_t n = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  void set(std::uint64_t n) { value_.store(n, std::memory_order_relaxed); }
  std::uint64_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

struct DrainCounters {
  Counter batches, records, matched;
  Counter alerts;          // handed to the outputs
  Counter unknown;         // records of a process that nothing is known of
  Counter gaps, gap_lost;  // gap records, and what they told as lost
};

// Of one CPU and lane; written by whoever drains it.
struct LaneCounters {
  Counter records, corrupted, corrupted_bytes;
};

}  // namespace saker::run
