// SPDX-License-Identifier: Apache-2.0
// The daemon's control socket, seen from the outside: JSON objects, one a line, both ways. One
// thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace saker::cli {

class Control {
 public:
  static Result<Control> connect(const std::string& path);
  Control(Control&& from) noexcept;
  Control& operator=(Control&& from) noexcept;
  ~Control();

  // Sends {"cmd":"NAME"}.
  Result<void> send(std::string_view command);
  // Waits for the next whole line, at most `timeout_ms` (-1: for ever). Nothing: the time is over.
  Result<std::optional<std::string>> line(int timeout_ms);
  // send and the one line that answers.
  Result<std::string> ask(std::string_view command);

  int descriptor() const { return fd_; }

 private:
  Control(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}
  std::optional<std::string> take_line();

  int fd_ = -1;
  std::string path_;
  std::string pending_;
};

// CLOCK_BOOTTIME and CLOCK_REALTIME, ns.
std::uint64_t boot_time();
std::uint64_t wall_time();

}  // namespace saker::cli
