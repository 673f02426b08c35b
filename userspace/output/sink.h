// SPDX-License-Identifier: Apache-2.0
// The destination of alerts. The output thread calls take(), which never waits, whatever the peer
// does. The sink drops and counts the alerts that it cannot keep, the least severe and oldest
// first. Any thread may read the counters; the main thread calls the rest.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "output/alert.h"

namespace saker::output {

// taken = written + lost + waiting + kept, once a sink has stopped or nothing is in progress.
struct SinkCounters {
  std::atomic<std::uint64_t> taken{0};    // alerts
  std::atomic<std::uint64_t> written{0};  // alerts, complete
  std::atomic<std::uint64_t> lost{0};     // alerts dropped
  std::atomic<std::uint64_t> errors{0};   // failed attempts
  std::atomic<std::uint64_t> waiting{0}, waiting_bytes{0};
  std::atomic<std::uint64_t> kept{0};  // after the end: in the spool, for the next start
};

// Called when writing begins to fail and when it works again, with a sentence for the log. Any
// thread.
using Announce = std::function<void(std::string_view)>;

class Sink {
 public:
  virtual ~Sink() = default;

  // Starts its thread: what it has been given waits until then.
  virtual Result<void> begin() { return {}; }
  virtual void take(const SharedAlert& alert) = 0;
  virtual const SinkCounters& counters() const = 0;
  virtual const std::string& name() const = 0;
  virtual Form form() const = 0;
  // What it is given goes on to other sinks: it ends before they do.
  virtual bool feeds_others() const { return false; }

  // For a file: opens its path again because logrotate has moved the old file. Soon, not at once.
  virtual void reopen() {}
  // From now on nothing is accepted. Waiting alerts are written until `deadline` (CLOCK_BOOTTIME
  // ns); the rest is counted as lost. Does not wait.
  virtual void begin_stop(std::uint64_t deadline) = 0;
  // Call it after begin_stop: whether the sink has stopped. Waits for that until the deadline, and
  // a moment longer.
  virtual bool finish() = 0;
};

}  // namespace saker::output
