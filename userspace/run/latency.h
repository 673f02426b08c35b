// SPDX-License-Identifier: Apache-2.0
// How long alerts take from their record to the outputs, by the lane of the record: counts in
// buckets. The output thread notes; any thread reads, so that each number is right by itself.
#pragma once

#include <saker/ring.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "run/counters.h"

namespace saker::run {

class Latency {
 public:
  // Each the end of a bucket, itself included; the last bucket has no end.
  static constexpr std::array<std::uint64_t, 18> bounds_ns = {
      20'000,      50'000,      100'000,       200'000,       500'000,       1'000'000,
      2'000'000,   5'000'000,   10'000'000,    20'000'000,    50'000'000,    100'000'000,
      200'000'000, 500'000'000, 1'000'000'000, 2'000'000'000, 5'000'000'000, 10'000'000'000};
  struct Histogram {
    std::array<std::uint64_t, bounds_ns.size() + 1> alerts{};
    std::uint64_t total_ns = 0, longest_ns = 0;
  };

  void note(unsigned lane, std::uint64_t ns) {
    Counters& to = lanes_[lane % SAKER_LANES];
    const auto bucket = std::lower_bound(bounds_ns.begin(), bounds_ns.end(), ns);
    to.alerts[static_cast<std::size_t>(bucket - bounds_ns.begin())].add();
    to.total_ns.add(ns);
    if (ns > to.longest_ns.get()) to.longest_ns.set(ns);
  }
  Histogram histogram(unsigned lane) const {
    const Counters& from = lanes_[lane % SAKER_LANES];
    Histogram out{.total_ns = from.total_ns.get(), .longest_ns = from.longest_ns.get()};
    for (std::size_t i = 0; i < out.alerts.size(); i++) out.alerts[i] = from.alerts[i].get();
    return out;
  }

 private:
  struct Counters {
    std::array<Counter, bounds_ns.size() + 1> alerts;
    Counter total_ns, longest_ns;
  };
  std::array<Counters, SAKER_LANES> lanes_;
};

}  // namespace saker::run
