// SPDX-License-Identifier: Apache-2.0
// Where alerts go in the end. take() is the output thread's and never waits, whatever the peer
// does; an alert that a sink cannot keep is lost there and counted there, the least severe and the
// oldest first. Counters may be read by any thread; the rest is the main thread's.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "output/alert.h"

namespace saker::output {

// taken = written + lost + waiting, once a sink has stopped or nothing is under way.
struct SinkCounters {
  std::atomic<std::uint64_t> taken{0};    // alerts
  std::atomic<std::uint64_t> written{0};  // alerts, whole
  std::atomic<std::uint64_t> lost{0};     // alerts given up
  std::atomic<std::uint64_t> errors{0};   // failed attempts
  std::atomic<std::uint64_t> waiting{0}, waiting_bytes{0};
};

// Told when writing begins to fail and when it works again: a sentence for the log. Any thread.
using Announce = std::function<void(std::string_view)>;

class Sink {
 public:
  virtual ~Sink() = default;

  virtual void take(const SharedAlert& alert) = 0;
  virtual const SinkCounters& counters() const = 0;
  virtual const std::string& name() const = 0;
  virtual Form form() const = 0;

  // A file: opens its path anew, for logrotate has moved the old one. Soon, not at once.
  virtual void reopen() {}
  // Nothing is taken any more. What waits is written until `deadline` (CLOCK_BOOTTIME ns), the rest
  // is counted as lost. Does not wait.
  virtual void begin_stop(std::uint64_t deadline) = 0;
  // After begin_stop: whether it has ended. Waits for that until the deadline, and a moment longer.
  virtual bool finish() = 0;
};

}  // namespace saker::output
