// SPDX-License-Identifier: Apache-2.0
// The daemon's alerts as they arrive, each with its time of arrival. A separate thread reads them,
// so that this time is right whatever the owner is doing; all public functions are for the owner's
// thread.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "control.h"

namespace saker::cli {

struct SeenAlert {
  std::string rule, priority, output;
  std::uint64_t event_time = 0;    // wall clock, ns; 0 if the alert does not have it
  std::uint64_t arrived_boot = 0;  // CLOCK_BOOTTIME, ns
};

// Reads one line of the stream; nothing if it is not an alert (for example an acknowledgement).
std::optional<SeenAlert> parse_alert(const std::string& line, std::uint64_t arrived_boot);

// Subscribes to the stream; alerts follow on the connection. For callers that read it themselves.
Result<ControlClient> subscribe(const std::string& socket);

class AlertStream {
 public:
  // Is subscribed when it returns. `echo`: prints the text of every alert on stdout as it arrives.
  static Result<std::unique_ptr<AlertStream>> open(const std::string& socket, bool echo);
  ~AlertStream();

  // The first alert of `rule` not taken before whose event is at `since_wall` or later; waits for
  // it until CLOCK_BOOTTIME `until_boot`. Older alerts are dropped.
  std::optional<SeenAlert> take(std::string_view rule, std::uint64_t since_wall,
                                std::uint64_t until_boot);
  // Why the stream ended; empty while it continues.
  std::string ended();
  std::uint64_t received();

 private:
  explicit AlertStream(ControlClient control, bool echo)
      : control_(std::move(control)), echo_(echo) {}
  void read_all();

  ControlClient control_;
  const bool echo_;
  std::mutex lock_;
  std::condition_variable came_;
  std::deque<SeenAlert> alerts_;
  std::string ended_;
  std::uint64_t received_ = 0;
  std::thread reader_;
};

}  // namespace saker::cli
