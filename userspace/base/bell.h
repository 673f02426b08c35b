// SPDX-License-Identifier: Apache-2.0
// Wakes a thread that polls. Any thread may ring, any number of times; clear() makes it silent
// again.
#pragma once

#include <poll.h>
#include <sys/eventfd.h>

#include <cstdint>

#include "base/fd.h"

namespace saker {

class Bell {
 public:
  Bell() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
  // False if the process has no descriptors left.
  explicit operator bool() const { return static_cast<bool>(fd_); }
  // For poll(2): readable after a ring, until clear().
  int fd() const { return fd_.get(); }

  void ring() const {
    std::uint64_t one = 1;
    // The write can only fail when the bell is ringing already.
    (void)!::write(fd_.get(), &one, sizeof(one));
  }
  void clear() const {
    std::uint64_t count;
    (void)!::read(fd_.get(), &count, sizeof(count));
  }
  // Waits for a ring, at most `timeout_ms` (-1: without limit), and clears it.
  void await(int timeout_ms) const {
    pollfd bell{fd_.get(), POLLIN, 0};
    if (::poll(&bell, 1, timeout_ms) > 0) clear();
  }

 private:
  Fd fd_;
};

}  // namespace saker
