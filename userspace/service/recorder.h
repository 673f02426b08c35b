// SPDX-License-Identifier: Apache-2.0
// The daemon's continuous recording: files in a directory, of which the oldest are deleted. For the
// recording thread; any thread may read the counters.
#pragma once

#include <memory>
#include <string>

#include "base/error.h"
#include "base/log.h"
#include "recording/rotation.h"
#include "run/counters.h"
#include "run/tap.h"
#include "service/config/config.h"

namespace saker::service {

struct RecorderCounters {
  run::Counter events, bytes, files;
  run::Counter lost, errors;  // events that are not in it; blocks that could not be written
};

class Recorder final : public run::TapSink {
 public:
  // The file that is being written.
  static std::string path(const run::RecorderConfig& config) {
    return config.directory + "/sakerd.skr";
  }
  // Makes the directory if it does not exist. `log` and `counters` must outlive it.
  static Result<std::unique_ptr<Recorder>> make(const run::RecorderConfig& config,
                                                const std::string& host, const Log& log,
                                                RecorderCounters& counters);

  bool take(std::string_view block, const recording::BlockHead& head) override;
  void round(std::uint64_t, const run::TapTotals& totals) override {
    counters_.events.set(totals.events);
    counters_.lost.set(totals.lost);
  }

 private:
  Recorder(recording::RotatingOutput output, const Log& log, RecorderCounters& counters)
      : output_(std::move(output)), log_(log), counters_(counters) {}

  recording::RotatingOutput output_;
  const Log& log_;
  RecorderCounters& counters_;
  bool failing_ = false;
};

// The tap options for it. `supported`: all events of the source. The error: what is wrong with the
// filter.
Result<run::TapOptions> tap_options(const run::RecordedConfig& config,
                                    const capture::RecordTypes& supported,
                                    const std::vector<std::string>& rules_files);

}  // namespace saker::service
