// SPDX-License-Identifier: Apache-2.0
#include "service/loader.h"

#include <poll.h>

namespace saker::service {

bool ConfigLoader::start() {
  if (busy()) return false;
  work_->done.store(false, std::memory_order_relaxed);
  thread_ = std::thread([work = work_.get()] {
    work->result.emplace(work->load());
    work->done.store(true, std::memory_order_release);  // [loaded]
    work->done_bell.ring();
  });
  return true;
}

std::optional<Result<LoadedConfig>> ConfigLoader::take() {
  // Pairs with [loaded]: the result is whole.
  if (!busy() || !work_->done.load(std::memory_order_acquire)) return std::nullopt;
  thread_.join();
  work_->done_bell.clear();
  return std::exchange(work_->result, std::nullopt);
}

bool ConfigLoader::await(int ms) {
  // Pairs with [loaded].
  for (; busy() && ms > 0 && !work_->done.load(std::memory_order_acquire); ms--)
    ::poll(nullptr, 0, 1);
  return !busy() || work_->done.load(std::memory_order_acquire);  // pairs with [loaded]
}

ConfigLoader::~ConfigLoader() {
  if (!busy()) return;
  if (work_->done.load(std::memory_order_acquire)) {  // pairs with [loaded]
    thread_.join();
  } else {
    thread_.detach();
    (void)work_.release();
  }
}

}  // namespace saker::service
