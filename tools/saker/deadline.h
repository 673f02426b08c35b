// SPDX-License-Identifier: Apache-2.0
// How long a command waits for an output: until a deadline; nothing else needs the thread.
#pragma once

#include <poll.h>

#include <algorithm>

#include "base/clock.h"
#include "output/peer.h"

namespace saker::cli {

class Deadline final : public output::Patience {
 public:
  explicit Deadline(std::uint64_t ns) : until_(boot_ns() + ns) {}
  bool wait(int fd, short events, int timeout_ms) override {
    pollfd poll{fd, events, 0};
    return ::poll(&poll, 1, left_ms(timeout_ms)) > 0;
  }
  int left_ms(int timeout_ms) override {
    const std::uint64_t now = boot_ns();
    const int left = now >= until_ ? 0 : static_cast<int>((until_ - now) / 1'000'000 + 1);
    return timeout_ms < 0 ? left : std::min(left, timeout_ms);
  }

 private:
  const std::uint64_t until_;
};

}  // namespace saker::cli
