// SPDX-License-Identifier: Apache-2.0
// The events of this host, as blocks of a recording: from the daemon if one runs, otherwise from
// the kernel module. One thread, which must have blocked the signals that it waits for: other
// threads may start here.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"

namespace saker::cli {

struct LiveOptions {
  std::string socket, device;
  std::string filter;  // a condition; "": all events
  // their macros can be used in the condition if no daemon runs
  std::vector<std::string> rules_files;
  bool rules_only = false;      // only events that the daemon's rules ask for
  std::uint32_t cut_ms = 1000;  // how long an event may wait for its block to end
};

class Live {
 public:
  struct End {
    std::uint64_t events = 0, lost = 0;
  };

  static Result<std::unique_ptr<Live>> open(const LiveOptions& options);
  virtual ~Live() = default;

  // "the daemon" or "/dev/saker".
  virtual std::string describe() const = 0;
  // The first block of a recording of it.
  const std::string& description() const { return description_; }
  // The next block of events; nothing if none arrived in time, or at the end.
  virtual Result<std::optional<std::string>> next(int timeout_ms) = 0;
  // Ends it. Events up to now are still delivered, then the end.
  virtual Result<void> stop() = 0;
  // Set once everything was delivered.
  const std::optional<End>& end() const { return end_; }

 protected:
  std::string description_;
  std::optional<End> end_;
};

}  // namespace saker::cli
