// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

namespace saker {
namespace {

constexpr std::string_view names[] = {"error", "warning", "info", "debug"};
constexpr std::string_view journal_prefix[] = {"<3>", "<4>", "<6>", "<7>"};

}  // namespace

std::optional<LogLevel> parse_log_level(std::string_view text) {
  for (std::size_t i = 0; i < std::size(names); i++)
    if (names[i] == text) return static_cast<LogLevel>(i);
  return std::nullopt;
}

// systemd names the journal's stream by device and inode; stderr may have been redirected since.
bool Log::stderr_is_journal() {
  const char* stream = std::getenv("JOURNAL_STREAM");
  struct stat st;
  if (!stream || ::fstat(STDERR_FILENO, &st) < 0) return false;
  return stream == std::to_string(st.st_dev) + ":" + std::to_string(st.st_ino);
}

void Log::write(LogLevel level, std::string_view message) const {
  if (level > level_.load(std::memory_order_relaxed)) return;
  std::string line(journal_ ? journal_prefix[static_cast<int>(level)] : "sakerd: ");
  if (!journal_ && level != LogLevel::info) {
    line += names[static_cast<int>(level)];
    line += ": ";
  }
  line += message;
  line += '\n';
  // Nobody can be told that the log cannot be written.
  (void)!::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace saker
