// SPDX-License-Identifier: Apache-2.0
// The patience of a test: each wait ends after this many milliseconds.
#pragma once

#include <poll.h>

#include <algorithm>

#include "output/peer.h"

namespace saker::test {

class Briefly final : public output::Patience {
 public:
  explicit Briefly(int ms = 10'000) : ms_(ms) {}
  bool wait(int fd, short events, int timeout_ms) override {
    pollfd poll{fd, events, 0};
    return ::poll(&poll, 1, left_ms(timeout_ms)) > 0;
  }
  int left_ms(int timeout_ms) override { return timeout_ms < 0 ? ms_ : std::min(ms_, timeout_ms); }

 private:
  const int ms_;
};

}  // namespace saker::test
