// SPDX-License-Identifier: Apache-2.0
// Whether files that a configuration is made of have changed: their directories are watched, and
// those of every symbolic link on the way, as Kubernetes swaps one under a mounted ConfigMap. What
// happens there is a reason to look; only files that differ are a change. The main thread's.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/fd.h"

namespace saker::service {

class FileWatch {
 public:
  // Looked at when nothing has happened for so long, or when something goes on happening.
  static constexpr std::uint64_t quiet_ns = 500'000'000, longest_ns = 5'000'000'000;

  // In place of all before: files, and directories whose rule and configuration files count. What
  // they are now is no change, unless something of it is from `read_since` (wall clock ns) or
  // later: it may not be what was read. The error: some cannot be watched; what can be is.
  Result<void> watch(std::vector<std::string> paths, std::uint64_t read_since, std::uint64_t now);
  void stop();

  // For poll(2); -1: nothing is watched.
  int fd() const { return fd_.get(); }
  // When fd() is readable. `now`: CLOCK_BOOTTIME ns.
  void note(std::uint64_t now);
  // When changed() has something to look at; 0: not by itself.
  std::uint64_t due() const { return due_; }
  // Once for each change. Files that are being written may be changed again soon.
  bool changed(std::uint64_t now);

 private:
  Fd fd_;
  std::vector<std::string> paths_;
  std::string state_, watched_state_;  // as last looked at; when watch() was called last
  std::uint64_t first_ = 0, due_ = 0;
};

}  // namespace saker::service
