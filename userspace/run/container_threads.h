// SPDX-License-Identifier: Apache-2.0
// The threads that read runtimes' descriptions of containers. One works; if a file system holds it,
// another one takes over, and the first ends when it is let go. A few may be held at once: then new
// containers have only their ids. Users' containers have threads of their own. For the main thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "enrich/container_reader.h"
#include "enrich/containers.h"
#include "enrich/life_lock.h"
#include "enrich/runtime_paths.h"
#include "enrich/table.h"
#include "enrich/user_names.h"

namespace saker::run {

class ContainerThreads {
 public:
  // Threads that may be held, besides the one that works.
  static constexpr std::size_t most_held = 3;
  // A thread that has worked for so long is held.
  static constexpr std::uint64_t patience_ns = 5'000'000'000;

  // All must outlive the threads. `root`, `more` and `pods` as in ContainerReader.
  ContainerThreads(enrich::Containers& containers, enrich::UserNames& names, std::string root,
                   enrich::RuntimePaths more, enrich::Whose whose = enrich::Whose::system,
                   const enrich::Pods* pods = nullptr)
      : containers_(containers),
        names_(names),
        root_(std::move(root)),
        more_(std::move(more)),
        whose_(whose),
        pods_(pods) {}

  void start(enrich::ProcessTable& table, enrich::LifeLock& life);
  // Now and then. Replaces a thread that is held; the result is to be logged if it is not empty.
  std::string tend(std::uint64_t now);
  void ask_to_end();
  bool running() const { return running_.load(std::memory_order_relaxed) != 0; }
  // After ask_to_end(). False: some are still held, and are left alone.
  bool join();

 private:
  struct Helper {
    explicit Helper(enrich::ContainerReader r) : reader(std::move(r)) {}
    enrich::ContainerReader reader;
    std::thread thread;
    // Since when it has been at work, CLOCK_BOOTTIME ns; 0: it waits.
    std::atomic<std::uint64_t> since{0};
    std::atomic<bool> relieved{false}, ended{false};
  };

  void add();
  void work(Helper& helper);
  void remove_ended();

  enrich::Containers& containers_;
  enrich::UserNames& names_;
  const std::string root_;
  const enrich::RuntimePaths more_;
  const enrich::Whose whose_;
  const enrich::Pods* const pods_;
  enrich::ProcessTable* table_ = nullptr;
  enrich::LifeLock* life_ = nullptr;
  std::vector<std::unique_ptr<Helper>> helpers_;  // the last one works
  std::atomic<unsigned> running_{0};
  std::atomic<bool> ending_{false};
  bool all_held_ = false;
};

}  // namespace saker::run
