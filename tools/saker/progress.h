// SPDX-License-Identifier: Apache-2.0
// Shows how far a file has been read, with rate and remaining time, in one line on stderr if that
// is a terminal. One thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace saker::cli {

class Progress {
 public:
  explicit Progress(bool wanted);

  // `size` in bytes; 0: unknown.
  void begin(const std::string& name, std::uint64_t size);
  // Call it every few thousand events; it draws a few times a second.
  void step(std::uint64_t position, std::uint64_t events) {
    if (shown_) show(position, events);
  }
  // Removes the line, before something else is printed.
  void clear();
  // "0.41 s, 2.3 million events/s" since the first file began.
  std::string total(std::uint64_t events) const;

 private:
  using Clock = std::chrono::steady_clock;
  void show(std::uint64_t position, std::uint64_t events);
  double seconds() const { return std::chrono::duration<double>(Clock::now() - began_).count(); }

  bool shown_;
  bool drawn_ = false;
  std::string name_;
  std::uint64_t size_ = 0;
  Clock::time_point began_ = Clock::now(), file_began_ = began_, drawn_at_{};
};

}  // namespace saker::cli
