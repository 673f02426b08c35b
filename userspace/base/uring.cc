// SPDX-License-Identifier: Apache-2.0
#include "base/uring.h"

namespace saker {

Result<std::unique_ptr<Uring>> Uring::make(unsigned entries) {
  // Initialised separately: queue_exit must not see a ring that queue_init refused.
  io_uring ring{};
  int error = ::io_uring_queue_init(entries, &ring, 0);
  if (error < 0) return Error::from_errno("io_uring", -error);
  std::unique_ptr<Uring> out(new Uring);
  out->ring_ = ring;
  return out;
}

}  // namespace saker
