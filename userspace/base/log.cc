// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <utility>

namespace saker {
namespace {

constexpr std::string_view names[] = {"error", "warning", "info", "debug"};
constexpr std::string_view journal_prefix[] = {"<3>", "<4>", "<6>", "<7>"};

constexpr unsigned severities[] = {3, 4, 6, 7};

}  // namespace

std::optional<LogLevel> parse_log_level(std::string_view text) {
  for (std::size_t i = 0; i < std::size(names); i++)
    if (names[i] == text) return static_cast<LogLevel>(i);
  return std::nullopt;
}

// systemd identifies the journal's stream by device and inode; stderr may have been redirected
// since.
bool Log::stderr_is_journal() { return is_journal(STDERR_FILENO); }

bool Log::is_journal(int fd) {
  const char* stream = std::getenv("JOURNAL_STREAM");
  struct stat st;
  if (!stream || ::fstat(fd, &st) < 0) return false;
  return stream == std::to_string(st.st_dev) + ":" + std::to_string(st.st_ino);
}

void Log::use_syslog(std::unique_ptr<SyslogWriter> writer, bool also_stderr) {
  if (journal_) return;
  std::lock_guard guard(lock_);
  syslog_ = std::move(writer);
  also_stderr_ = also_stderr;
}

void Log::write(LogLevel level, std::string_view message) const {
  if (level > level_.load(std::memory_order_relaxed)) return;
  std::lock_guard guard(lock_);
  if (syslog_ && syslog_->write(severities[static_cast<std::size_t>(level)], message) &&
      !also_stderr_)
    return;
  if (kept_.size() + message.size() > max_kept) {
    write_kept();
    if (!kept_.empty()) {
      not_kept_++;
      return;
    }
  }
  keep(level, message);
  write_kept();
}

void Log::keep(LogLevel level, std::string_view message) const {
  const auto index = static_cast<std::size_t>(level);
  kept_ += journal_ ? journal_prefix[index] : "sakerd: ";
  if (!journal_ && level != LogLevel::info) kept_.append(names[index]).append(": ");
  kept_.append(message).append("\n");
}

// Called with the lock held. If writing the log fails, there is no way to report it.
void Log::write_kept() const {
  while (!kept_.empty()) {
    const std::int64_t wrote = writer_.write(kept_);
    if (wrote == -EINTR) continue;
    if (wrote == -EAGAIN) return;
    kept_.erase(0, wrote > 0 ? static_cast<std::size_t>(wrote) : kept_.size());
    if (!kept_.empty() || not_kept_ == 0) continue;
    keep(LogLevel::warning, std::to_string(std::exchange(not_kept_, 0)) +
                                " lines of this log were dropped, because nobody read them");
  }
}

void Log::flush(int wait_ms) const {
  std::lock_guard guard(lock_);
  write_kept();
  pollfd room{writer_.fd(), POLLOUT, 0};
  if (!kept_.empty() && wait_ms > 0 && ::poll(&room, 1, wait_ms) > 0) write_kept();
}

}  // namespace saker
