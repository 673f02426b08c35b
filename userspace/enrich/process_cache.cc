// SPDX-License-Identifier: Apache-2.0
#include "enrich/process_cache.h"

#include <memory>

namespace saker::enrich {

constinit ProcessCache::Words ProcessCache::none_;

ProcessCache::~ProcessCache() {
  if (Words* words = words_.load(std::memory_order_relaxed); words != &none_)
    std::unique_ptr<Words>(words).reset();
}

// [words-made]: they are empty. If another thread makes some at the same time, its own are used.
ProcessCache::Words* ProcessCache::make_words() {
  auto made = std::make_unique<Words>();
  Words* before = &none_;
  return words_.compare_exchange_strong(before, made.get(), std::memory_order_acq_rel)
             ? made.release()
             : before;
}

}  // namespace saker::enrich
