// SPDX-License-Identifier: Apache-2.0
// The counters of a drain thread. Only that thread adds; any thread reads. Each number is exact,
// but several are not read at one moment.
#pragma once

#include <atomic>
#include <cstdint>

namespace saker::run {

class Counter {
 public:
  // A load and a store are cheaper than an atomic addition, and enough: there is only one writer.
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
  Counter unknown;         // records of an unknown process
  Counter gaps, gap_lost;  // gap records, and the number of lost records in them
};

// For one CPU and lane; written by the thread that drains it.
struct LaneCounters {
  Counter records, corrupted, corrupted_bytes;
};

}  // namespace saker::run
