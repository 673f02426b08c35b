// SPDX-License-Identifier: Apache-2.0
// Brings processes from /proc into the table: all of them at the start, those whose records were
// lost, and those that vanished. Reading /proc may hang on a file system or on a process that holds
// its memory, so one thread of its own does it (serve), holding the life lock only to change the
// table; the others ask, and wait as long as they like.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "base/fd.h"
#include "enrich/table.h"

namespace saker::enrich {

class Learner {
 public:
  // All must outlive it. `life` guards the table's writing side.
  Learner(Table& table, std::mutex& life, std::string proc);

  // Any thread. The process is looked up soon, and so are its ancestors; done() is not less than
  // the result then. 0: too many are waiting. done() pairs with [learnt].
  std::uint64_t ask(std::uint32_t pid);
  std::uint64_t done() const { return done_.load(std::memory_order_acquire); }
  // Any thread. All processes are compared with /proc soon.
  void ask_all();
  // All processes were found once. Pairs with [learnt].
  bool scanned() const { return scanned_.load(std::memory_order_acquire); }
  // Since when one process has been read, CLOCK_BOOTTIME ns, and which; 0: nothing is being read.
  std::uint64_t busy_since() const { return busy_since_.load(std::memory_order_relaxed); }
  std::uint32_t busy_with() const { return busy_with_.load(std::memory_order_relaxed); }

  // Its thread: does what was asked for.
  void serve();
  // Readable when there is something to do, or after ring().
  int bell() const { return bell_.get(); }
  void ring() const;
  // Any thread: serve() returns soon, with work undone.
  void stop();

 private:
  void serve_asked();
  void find_all();
  void learn(std::uint32_t pid);
  bool read(std::uint32_t pid, std::uint32_t& parent);
  void begin(std::uint32_t pid);
  void end();

  Table& table_;
  std::mutex& life_;
  const std::string proc_;
  Fd bell_;
  std::mutex lock_;  // guards what is asked
  std::vector<std::uint32_t> asked_;
  std::uint64_t tickets_ = 0;
  std::atomic<bool> all_{false}, scanned_{false}, stopping_{false};
  std::atomic<std::uint64_t> done_{0}, busy_since_{0};
  std::atomic<std::uint32_t> busy_with_{0};
};

}  // namespace saker::enrich
