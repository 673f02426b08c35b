// SPDX-License-Identifier: Apache-2.0
// The clocks of records and alerts, in ns. Any thread.
#pragma once

#include <time.h>

#include <cstdint>

namespace saker {

inline std::uint64_t clock_ns(clockid_t clock) {
  timespec t{};
  ::clock_gettime(clock, &t);
  return static_cast<std::uint64_t>(t.tv_sec) * 1'000'000'000ull +
         static_cast<std::uint64_t>(t.tv_nsec);
}

inline std::uint64_t boot_ns() { return clock_ns(CLOCK_BOOTTIME); }

// The offset that turns CLOCK_BOOTTIME into wall time. The wall clock is read between two readings
// of CLOCK_BOOTTIME, so a delay between those distorts the offset by at most half of it.
inline std::uint64_t wall_offset_ns() {
  std::uint64_t before = boot_ns(), wall = clock_ns(CLOCK_REALTIME), after = boot_ns();
  return wall - (before + (after - before) / 2);
}

}  // namespace saker
