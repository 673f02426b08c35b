// SPDX-License-Identifier: Apache-2.0
// One io_uring. For one thread.
#pragma once

#include <liburing.h>

#include <memory>

#include "base/error.h"

namespace saker {

class Uring {
 public:
  // Fails with ENOSYS or EPERM if io_uring is missing or disabled.
  static Result<std::unique_ptr<Uring>> make(unsigned entries);
  ~Uring() { ::io_uring_queue_exit(&ring_); }
  Uring(const Uring&) = delete;
  Uring& operator=(const Uring&) = delete;

  io_uring* get() { return &ring_; }

 private:
  Uring() = default;
  io_uring ring_{};
};

}  // namespace saker
