// SPDX-License-Identifier: Apache-2.0
// What happens on this host, as blocks of a recording: given by the daemon if one runs, else taken
// from the kernel module. One thread, which has blocked the signals it waits for before: there may
// be threads behind this.
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
  std::string filter;                    // a condition; "": everything
  std::vector<std::string> rules_files;  // whose macros the condition may use, without a daemon
  bool rules_only = false;               // only events that the daemon's rules ask for
  std::uint32_t cut_ms = 1000;           // how long an event may wait for its block to end
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
  // The block that stands first in a recording of it.
  const std::string& description() const { return description_; }
  // The next block of events; nothing within the time, or at the end.
  virtual Result<std::optional<std::string>> next(int timeout_ms) = 0;
  // No more is wanted. What has happened until now still comes, then the end.
  virtual Result<void> stop() = 0;
  // Set once everything has come.
  const std::optional<End>& end() const { return end_; }

 protected:
  std::string description_;
  std::optional<End> end_;
};

}  // namespace saker::cli
