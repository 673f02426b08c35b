// SPDX-License-Identifier: Apache-2.0
// Brings processes from /proc into the table: all of them at the start, those whose records were
// lost, and those that vanished. Reading /proc may block on a file system or on a process that
// holds its memory lock. So a separate thread reads it (serve) and holds the life lock only to
// change the table; other threads send requests and choose how long to wait.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "base/fd.h"
#include "enrich/life_lock.h"
#include "enrich/table.h"

namespace saker::enrich {

class Learner {
 public:
  // All must outlive the learner. `life` guards the writing side of the table.
  Learner(ProcessTable& table, LifeLock& life, std::string proc);

  // Any thread. Requests that the process and its ancestors are looked up soon. They are in the
  // table when done() is at least the result. 0: too many requests are waiting. done() pairs with
  // [learnt].
  std::uint64_t ask(std::uint32_t pid);
  std::uint64_t done() const { return done_.load(std::memory_order_acquire); }
  // Any thread. Requests a comparison of all processes with /proc.
  void ask_all();
  // True once all processes were read. Pairs with [learnt].
  bool scanned() const { return scanned_.load(std::memory_order_acquire); }
  // Since when, in CLOCK_BOOTTIME ns, the current process has been read, and which it is; 0: none
  // is being read.
  std::uint64_t busy_since() const { return busy_since_.load(std::memory_order_relaxed); }
  std::uint32_t busy_with() const { return busy_with_.load(std::memory_order_relaxed); }

  // The body of its thread: handles requests.
  void serve();
  // Readable when there is a request, or after ring().
  int bell() const { return bell_.get(); }
  void ring() const;
  // Any thread. serve() returns soon, and may leave requests undone.
  void stop();

 private:
  void serve_asked();
  void find_all();
  template <typename Turn>
  void in_turns(Turn turn);
  void learn(std::uint32_t pid);
  bool read(std::uint32_t pid, std::uint32_t& parent);
  void begin(std::uint32_t pid);
  void end();

  ProcessTable& table_;
  LifeLock& life_;
  const std::string proc_;
  Fd bell_;
  std::mutex lock_;  // guards the requests
  std::vector<std::uint32_t> asked_;
  std::uint64_t tickets_ = 0;
  std::atomic<bool> all_{false}, scanned_{false}, stopping_{false};
  std::atomic<std::uint64_t> done_{0}, busy_since_{0};
  std::atomic<std::uint32_t> busy_with_{0};
};

}  // namespace saker::enrich
