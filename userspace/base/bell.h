// SPDX-License-Identifier: Apache-2.0
// Wakes a thread that polls: rung by any thread, once or often, and silent again after clear().
#pragma once

#include <poll.h>
#include <sys/eventfd.h>

#include <cstdint>

#include "base/fd.h"

namespace saker {

class Bell {
 public:
  Bell() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
  // False if the process may have no more descriptors.
  explicit operator bool() const { return static_cast<bool>(fd_); }
  // For poll(2): readable while it rings.
  int fd() const { return fd_.get(); }

  void ring() const {
    std::uint64_t one = 1;
    // Can only fail while it rings already.
    (void)!::write(fd_.get(), &one, sizeof(one));
  }
  void clear() const {
    std::uint64_t count;
    (void)!::read(fd_.get(), &count, sizeof(count));
  }
  // Until it rings, `timeout_ms` at most (-1: without end), and clears it.
  void await(int timeout_ms) const {
    pollfd bell{fd_.get(), POLLIN, 0};
    if (::poll(&bell, 1, timeout_ms) > 0) clear();
  }

 private:
  Fd fd_;
};

}  // namespace saker
