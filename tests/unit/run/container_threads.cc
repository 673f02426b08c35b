// SPDX-License-Identifier: Apache-2.0
#include "run/container_threads.h"

#include <doctest/doctest.h>

#include <mutex>

#include "base/clock.h"

namespace saker::run {
namespace {

constexpr std::uint64_t patience = ContainerThreads::patience_ns;

struct Fixture {
  enrich::Epochs epochs{1};
  enrich::Containers containers;
  enrich::UserNames names{"/nonexistent", nullptr};
  std::unique_ptr<enrich::ProcessTable> table =
      std::move(*enrich::ProcessTable::make(epochs, containers));
  enrich::LifeLock life;
  ContainerThreads threads{containers, names, "/nonexistent", {}};

  // What tend() says as soon as the thread that works is held.
  std::string held() {
    for (;;)
      if (std::string text = threads.tend(boot_ns() + 2 * patience); !text.empty()) return text;
  }
};

// The test holds the life lock, and with it the thread, as a file system would.
TEST_CASE("container threads: another one takes over from one that is held, a few times") {
  Fixture f;
  {
    std::lock_guard guard(f.life);
    f.threads.start(*f.table, f.life);
    CHECK(f.threads.tend(boot_ns()).empty());
    for (std::size_t i = 0; i < ContainerThreads::most_held; i++)
      CHECK(f.held().find("it has only its id") != std::string::npos);
    CHECK(f.held().find("new ones have only their ids") != std::string::npos);
    CHECK(f.threads.tend(boot_ns() + 2 * patience).empty());
  }
  // Those that were relieved end, the last one serves.
  const enrich::Container* held;
  {
    std::lock_guard guard(f.life);
    held = f.containers.hold("/lxc/web");
  }
  const auto described = [&] {
    std::lock_guard guard(f.life);
    return !enrich::Containers::pending(held);
  };
  while (!described()) std::this_thread::yield();
  f.threads.ask_to_end();
  while (f.threads.running()) std::this_thread::yield();
  CHECK(f.threads.join());
  CHECK(f.threads.tend(boot_ns()).empty());
}

}  // namespace
}  // namespace saker::run
