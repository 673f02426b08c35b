// SPDX-License-Identifier: Apache-2.0
// The client side of the daemon's control socket: JSON objects, one per line, in both directions.
// One thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace saker::cli {

class ControlClient {
 public:
  static Result<ControlClient> connect(const std::string& path);
  ControlClient(ControlClient&& from) noexcept;
  ControlClient& operator=(ControlClient&& from) noexcept;
  ~ControlClient();

  // Sends {"cmd":"NAME"}.
  Result<void> send(std::string_view command);
  // Sends a JSON object.
  Result<void> send_object(std::string_view json);
  // Waits for the next whole line, at most `timeout_ms` (-1: no limit). Nothing: the time is up.
  Result<std::optional<std::string>> line(int timeout_ms);
  // The same for the next `count` bytes.
  Result<std::optional<std::string>> bytes(std::size_t count, int timeout_ms);
  // Sends the command and returns the line that answers it.
  Result<std::string> ask(std::string_view command);
  Result<std::string> ask_object(std::string_view json);

  int descriptor() const { return fd_; }

 private:
  ControlClient(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}
  std::string take(std::size_t count, std::size_t behind);
  // Waits until `ready` returns the number of bytes to take; npos: not enough yet.
  template <typename Ready>
  Result<std::size_t> await(int timeout_ms, Ready ready);

  int fd_ = -1;
  std::string path_;
  std::string pending_;
};

// CLOCK_BOOTTIME and CLOCK_REALTIME, ns.
std::uint64_t boot_time();
std::uint64_t wall_time();

}  // namespace saker::cli
