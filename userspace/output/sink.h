// SPDX-License-Identifier: Apache-2.0
// Alerts written as lines to a descriptor: stdout or a file. Lines are gathered and written
// together. What cannot be written is kept up to a limit and tried again; beyond it the oldest are
// given up, counted and announced. One thread owns a sink; its counters may be read by any.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/fd.h"
#include "output/alert.h"

namespace saker::output {

enum class Form : std::uint8_t { text, json };

struct SinkCounters {
  std::atomic<std::uint64_t> written{0};  // alerts, whole
  std::atomic<std::uint64_t> lost{0};     // alerts given up
  std::atomic<std::uint64_t> errors{0};   // failed writes
};

class LineSink {
 public:
  // Told when writing begins to fail, when alerts are given up, and when it works again; a sentence
  // for the log.
  using Announce = std::function<void(std::string_view)>;

  // Bytes kept while they cannot be written.
  static constexpr std::size_t default_limit = 4u << 20;

  static std::unique_ptr<LineSink> to_stdout(Form form, Announce announce);
  // Appends; made with mode 0640 if it is not there.
  static Result<std::unique_ptr<LineSink>> to_file(const std::string& path, Form form,
                                                   Announce announce);
  ~LineSink();

  // Takes the alert's line; writes nothing yet.
  void add(const Alert& alert);
  // Writes what was taken, as far as it goes.
  void flush();
  // File: opens the path anew (logrotate has moved the old file); what was taken goes to the new
  // one.
  Result<void> reopen();

  // For an owner that writes through its own io_uring in place of flush: write pending() to
  // descriptor(), then tell the result (bytes, or -errno). pending() must not be asked for again,
  // nor add called, before that.
  std::string_view pending() const;
  int descriptor() const;
  void completed(std::int64_t result);

  const SinkCounters& counters() const { return counters_; }
  const std::string& name() const { return name_; }
  void set_limit(std::size_t bytes) { limit_ = bytes; }

 private:
  LineSink(std::string name, Form form, Fd owned, int fd, Announce announce);
  void give_up_oldest();
  void consume(std::size_t bytes);

  std::string name_, path_;
  Form form_;
  Fd owned_;
  int fd_;
  bool color_;
  Announce announce_;
  std::string buffer_;
  std::size_t limit_ = default_limit;
  bool mid_line_ = false;  // the descriptor has the beginning of the buffer's first line
  bool failing_ = false;
  SinkCounters counters_;
};

}  // namespace saker::output
