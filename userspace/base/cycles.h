// SPDX-License-Identifier: Apache-2.0
// The processor's cycle counter: the cheapest clock there is, in units of its own. Any thread;
// where there is no such counter it counts ns.
#pragma once

#include <cstdint>

#include "base/clock.h"

namespace saker {

inline std::uint64_t cycles() {
#if defined(__x86_64__)
  return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
  std::uint64_t now;
  asm volatile("mrs %0, cntvct_el0" : "=r"(now));
  return now;
#else
  return clock_ns(CLOCK_MONOTONIC);
#endif
}

// How long a cycle is: from when it was made until now. Before there is much of that, roughly.
class CycleLength {
 public:
  double seconds(std::uint64_t count) const {
    const std::uint64_t passed = cycles() - cycles_;
    const std::uint64_t ns = clock_ns(CLOCK_MONOTONIC) - ns_;
    return passed ? static_cast<double>(count) * static_cast<double>(ns) / 1e9 /
                        static_cast<double>(passed)
                  : 0;
  }

 private:
  std::uint64_t cycles_ = saker::cycles(), ns_ = clock_ns(CLOCK_MONOTONIC);
};

}  // namespace saker
