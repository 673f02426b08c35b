// SPDX-License-Identifier: Apache-2.0
// The daemon's own log: one line a message on stderr, with the priority systemd understands if it reads there. Any
// thread; a line is one write.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string_view>

namespace saker {

enum class LogLevel : std::uint8_t { error, warning, info, debug };

std::optional<LogLevel> parse_log_level(std::string_view text);

class Log {
 public:
  // `journal`: stderr goes to systemd's journal, which wants <N> before each line and adds the time itself.
  explicit Log(LogLevel level = LogLevel::info, bool journal = false)
      : level_(level), journal_(journal) {}
  static bool stderr_is_journal();

  void set_level(LogLevel level) { level_.store(level, std::memory_order_relaxed); }
  void write(LogLevel level, std::string_view message) const;
  void error(std::string_view message) const { write(LogLevel::error, message); }
  void warning(std::string_view message) const { write(LogLevel::warning, message); }
  void info(std::string_view message) const { write(LogLevel::info, message); }
  void debug(std::string_view message) const { write(LogLevel::debug, message); }

 private:
  std::atomic<LogLevel> level_;
  const bool journal_;
};

}  // namespace saker
