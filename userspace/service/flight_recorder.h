// SPDX-License-Identifier: Apache-2.0
// Keeps the latest events in memory, packed. An alert that is severe enough, or that belongs to a
// rule that is named or asks for it (`capture`), writes the events before and after it to a file,
// which the alert names. note(): the output thread; the other public functions: the recording
// thread; the counters: any.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/error.h"
#include "base/log.h"
#include "output/alert.h"
#include "recording/output.h"
#include "run/counters.h"
#include "run/tap.h"
#include "service/config/config.h"

namespace saker::service {

struct FlightCounters {
  run::Counter memory_bytes, memory_events;  // in memory now
  run::Counter files, errors;                // files written, and errors while writing
  run::Counter lost;                         // events that were not kept
};

// Which alerts make a file, and the file's name. Shared by the output thread, which asks, and the
// recording thread.
class FlightRequests {
 public:
  struct Request {
    std::string path;
    std::uint64_t from = 0, until = 0;  // wall clock, ns
  };

  explicit FlightRequests(const run::FlightRecorderConfig& config = {}) : config_(config) {}

  // The configuration from now on; files that were requested but not begun are not made.
  void use(const run::FlightRecorderConfig& config);

  // If the alert makes a file, or falls into one that is being made, it names the file from now on.
  void note(output::Alert& alert);
  // A file that was requested and not begun yet, or one whose end has moved.
  std::optional<Request> take();
  // The file is full: the next alert makes another one.
  void full(const std::string& path);

 private:
  bool wanted(const output::Alert& alert) const;

  std::mutex lock_;  // guards all
  run::FlightRecorderConfig config_;
  std::deque<Request> asked_;
  Request last_;
};

class FlightRecorder final : public run::TapSink {
 public:
  // Makes the directory if it does not exist. All arguments must outlive it.
  static Result<std::unique_ptr<FlightRecorder>> make(const run::FlightRecorderConfig& config,
                                                      FlightRequests& requests,
                                                      const std::string& host, const Log& log,
                                                      FlightCounters& counters);

  bool take(std::string_view block, const recording::BlockHead& head) override;
  void round(std::uint64_t whole, const run::TapTotals& totals) override;

 private:
  struct Kept {
    std::string block;
    std::uint64_t first, last;  // times
    std::uint32_t events;
  };
  struct File {
    FlightRequests::Request request;
    recording::Output output;
    bool full = false;
  };

  FlightRecorder(const run::FlightRecorderConfig& config, FlightRequests& requests,
                 std::string description, const Log& log, FlightCounters& counters);
  void begin(const FlightRequests::Request& request);
  void prolong(File& file, std::uint64_t until);
  void put(File& file, std::string_view block);
  void make_room() const;
  void forget();

  const run::FlightRecorderConfig config_;
  FlightRequests& requests_;
  const std::string description_;
  const Log& log_;
  FlightCounters& counters_;
  std::deque<Kept> kept_;
  std::uint64_t kept_bytes_ = 0, kept_events_ = 0, newest_ = 0;
  std::deque<File> files_;  // being written
};

}  // namespace saker::service
