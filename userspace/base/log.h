// SPDX-License-Identifier: Apache-2.0
// The daemon's own log: one line per message on stderr, with a priority prefix if systemd reads it.
// Any thread. No thread ever waits for the reader: lines that it does not take are kept up to a
// limit; lines beyond the limit are counted, and the count is reported when the reader takes lines
// again. With use_syslog(), the same lines go to syslog.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/prompt_writer.h"
#include "base/syslog_writer.h"

namespace saker {

enum class LogLevel : std::uint8_t { error, warning, info, debug };

std::optional<LogLevel> parse_log_level(std::string_view text);

class Log {
 public:
  // `journal`: stderr goes to systemd's journal, which expects <N> before each line and adds the
  // time itself. `fd`: another descriptor, for tests.
  explicit Log(LogLevel level = LogLevel::info, bool journal = false, int fd = 2)
      : level_(level), journal_(journal), writer_(fd) {}
  ~Log() { flush(final_wait_ms); }
  static bool stderr_is_journal();
  // Whether systemd reads the other end of this descriptor, line by line.
  static bool is_journal(int fd);

  void set_level(LogLevel level) { level_.store(level, std::memory_order_relaxed); }
  // From now on lines go to syslog: also, or instead of stderr. A line that syslog does not take
  // goes to stderr in any case. The journal passes its lines to syslog itself, so if it reads
  // stderr, nothing changes. `writer` null: no syslog.
  void use_syslog(std::unique_ptr<SyslogWriter> writer, bool also_stderr);
  void write(LogLevel level, std::string_view message) const;
  void error(std::string_view message) const { write(LogLevel::error, message); }
  void warning(std::string_view message) const { write(LogLevel::warning, message); }
  void info(std::string_view message) const { write(LogLevel::info, message); }
  void debug(std::string_view message) const { write(LogLevel::debug, message); }
  // Writes the kept lines, as far as the reader takes them. For a thread that wakes once a second.
  void flush() const { flush(0); }

 private:
  static constexpr std::size_t max_kept = 256u << 10;
  static constexpr int final_wait_ms = 100;

  void flush(int wait_ms) const;
  void write_kept() const;
  void keep(LogLevel level, std::string_view message) const;

  std::atomic<LogLevel> level_;
  const bool journal_;
  mutable std::mutex lock_;  // guards the members below; the holder never waits
  mutable PromptWriter writer_;
  std::unique_ptr<SyslogWriter> syslog_;
  bool also_stderr_ = true;
  mutable std::string kept_;
  mutable std::uint64_t not_kept_ = 0;
};

}  // namespace saker
