// SPDX-License-Identifier: Apache-2.0
#include "enrich/epochs.h"

#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

namespace saker::enrich {
namespace {

TEST_CASE("epochs: what was retired is free when every thread has begun and ended a batch since") {
  Epochs epochs(2);
  const std::uint64_t before = epochs.begin();
  const std::uint64_t retired = epochs.advance();
  epochs.end(0, before);
  epochs.end(1, before);
  // Both batches began while the object could be found.
  CHECK(epochs.done() <= retired);
  epochs.end(0, epochs.begin());
  CHECK(epochs.done() <= retired);
  epochs.end(1, epochs.begin());
  CHECK(epochs.done() > retired);
}

// The thread sanitizer detects a reader that still uses a freed object.
TEST_CASE("epochs: no reader holds what is freed") {
  constexpr unsigned readers = 2;
  Epochs epochs(readers);
  std::atomic<const std::uint64_t*> published{new std::uint64_t{0}};
  std::atomic<bool> going{true};
  std::atomic<std::uint64_t> wrong{0};
  std::vector<std::thread> threads;
  for (unsigned thread = 0; thread < readers; thread++)
    threads.emplace_back([&, thread] {
      while (going) {
        const std::uint64_t epoch = epochs.begin();
        const std::uint64_t* found = published.load(std::memory_order_acquire);
        for (int i = 0; i < 20; i++) wrong += *found == ~std::uint64_t{0};
        epochs.end(thread, epoch);
      }
    });
  struct Old {
    std::unique_ptr<std::uint64_t> object;
    std::uint64_t epoch;
  };
  std::vector<Old> old;
  std::size_t freed = 0;
  for (std::uint64_t i = 1; i <= 20000; i++) {
    auto* before = const_cast<std::uint64_t*>(
        published.exchange(new std::uint64_t{i}, std::memory_order_acq_rel));
    old.push_back({std::unique_ptr<std::uint64_t>(before), epochs.advance()});
    const std::uint64_t done = epochs.done();
    std::erase_if(old, [&](Old& each) {
      if (each.epoch >= done) return false;
      *each.object = ~std::uint64_t{0};
      freed++;
      return true;
    });
  }
  going = false;
  for (std::thread& thread : threads) thread.join();
  delete published.load();
  CHECK(wrong == 0);
  CHECK(freed > 0);
}

}  // namespace
}  // namespace saker::enrich
