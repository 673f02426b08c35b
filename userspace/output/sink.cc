// SPDX-License-Identifier: Apache-2.0
#include "output/sink.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace saker::output {
namespace {

constexpr std::string_view reset = "\033[0m";

std::string_view color_of(lang::Priority priority) {
  switch (priority) {
    case lang::Priority::emergency:
    case lang::Priority::alert:
    case lang::Priority::critical:
      return "\033[1;31m";
    case lang::Priority::error:
      return "\033[31m";
    case lang::Priority::warning:
      return "\033[33m";
    case lang::Priority::notice:
      return "\033[36m";
    case lang::Priority::informational:
    case lang::Priority::debug:
      break;
  }
  return {};
}

Result<Fd> open_for_append(const std::string& path) {
  // Not the caller's terminal, not a symbolic link somebody put there.
  int fd =
      ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW, 0640);
  if (fd >= 0) return Fd(fd);
  Error error = Error::from_errno("alert file " + path);
  if (error.code == ENOENT) error.message += "; make its directory, or change file_output.filename";
  if (error.code == ELOOP)
    error.message = "alert file " + path + ": is a symbolic link; name the file itself";
  return error;
}

std::uint64_t lines_in(std::string_view text) {
  return static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

LineSink::LineSink(std::string name, Form form, Fd owned, int fd, Announce announce)
    : name_(std::move(name)),
      form_(form),
      owned_(std::move(owned)),
      fd_(fd),
      color_(form == Form::text && ::isatty(fd) == 1),
      announce_(std::move(announce)) {}

std::unique_ptr<LineSink> LineSink::to_stdout(Form form, Announce announce) {
  return std::unique_ptr<LineSink>(
      new LineSink("stdout", form, Fd(), STDOUT_FILENO, std::move(announce)));
}

Result<std::unique_ptr<LineSink>> LineSink::to_file(const std::string& path, Form form,
                                                    Announce announce) {
  Result<Fd> opened = open_for_append(path);
  if (!opened) return opened.error();
  int fd = opened->get();
  std::unique_ptr<LineSink> sink(
      new LineSink("file " + path, form, std::move(*opened), fd, std::move(announce)));
  sink->path_ = path;
  return sink;
}

LineSink::~LineSink() {
  flush();
  if (std::uint64_t left = lines_in(buffer_)) {
    counters_.lost.fetch_add(left, std::memory_order_relaxed);
    announce_(name_ + ": " + std::to_string(left) + " alerts could not be written before the end");
  }
}

void LineSink::add(const Alert& alert) {
  const std::string& line = form_ == Form::json ? alert.json : alert.text;
  std::string_view color = color_ ? color_of(alert.priority) : std::string_view();
  buffer_ += color;
  buffer_ += line;
  if (!color.empty()) buffer_ += reset;
  buffer_ += '\n';
  if (buffer_.size() > limit_) give_up_oldest();
}

// Makes room for half the limit at once, so that a sink that stays dead does not move memory for
// each alert. A line that was begun is finished first: half a line would spoil the next one too.
void LineSink::give_up_oldest() {
  std::size_t from = mid_line_ ? buffer_.find('\n') + 1 : 0;
  std::size_t to = from;
  while (buffer_.size() - (to - from) > limit_ / 2 && to < buffer_.size())
    to = buffer_.find('\n', to) + 1;
  std::uint64_t lines = lines_in(std::string_view(buffer_).substr(from, to - from));
  if (lines == 0) return;
  buffer_.erase(from, to - from);
  std::uint64_t lost = counters_.lost.fetch_add(lines, std::memory_order_relaxed) + lines;
  announce_(name_ + ": cannot be written; " + std::to_string(lines) +
            " alerts given up, the oldest first, " + std::to_string(lost) + " so far");
}

void LineSink::flush() {
  while (!buffer_.empty()) {
    ssize_t wrote = ::write(fd_, buffer_.data(), buffer_.size());
    if (wrote < 0 && errno == EINTR) continue;
    completed(wrote < 0 ? -errno : wrote);
    if (wrote <= 0) return;
  }
}

std::string_view LineSink::pending() const { return buffer_; }
int LineSink::descriptor() const { return fd_; }

void LineSink::completed(std::int64_t result) {
  if (result > 0) {
    consume(static_cast<std::size_t>(result));
    if (failing_) announce_(name_ + ": is written again");
    failing_ = false;
    return;
  }
  counters_.errors.fetch_add(1, std::memory_order_relaxed);
  if (!failing_) {
    const char* why = result == 0 ? "nothing was taken" : std::strerror(static_cast<int>(-result));
    announce_(name_ + ": " + why + "; alerts are kept and tried again");
  }
  failing_ = true;
}

void LineSink::consume(std::size_t bytes) {
  std::string_view done = std::string_view(buffer_).substr(0, bytes);
  counters_.written.fetch_add(lines_in(done), std::memory_order_relaxed);
  mid_line_ = done.back() != '\n';
  buffer_.erase(0, bytes);
}

Result<void> LineSink::reopen() {
  if (path_.empty()) return {};
  // The rest of a line that was begun belongs to the old file.
  if (mid_line_) flush();
  Result<Fd> opened = open_for_append(path_);
  if (!opened) return opened.error();
  owned_ = std::move(*opened);
  fd_ = owned_.get();
  if (mid_line_) {
    // The old file could not take it: its end goes with it, and the alert counts as lost.
    buffer_.erase(0, buffer_.find('\n') + 1);
    mid_line_ = false;
    counters_.lost.fetch_add(1, std::memory_order_relaxed);
    announce_(name_ + ": an alert was cut off at the end of the old file");
  }
  return {};
}

}  // namespace saker::output
