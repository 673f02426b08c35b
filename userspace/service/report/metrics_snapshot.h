// SPDX-License-Identifier: Apache-2.0
// All counters at intervals, as an alert and as lines of a file: Falco's metrics, with its keys and
// field names where they mean the same. For the main thread; a separate thread writes the file.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/log.h"
#include "output/sink.h"
#include "run/config.h"
#include "service/report/metrics.h"

namespace saker::service {

class MetricsSnapshot {
 public:
  // Field to JSON value.
  using Fields = std::map<std::string, std::string>;

  static constexpr const char* rule = "Falco internal: metrics snapshot";

  explicit MetricsSnapshot(const Log& log) : log_(log) {}
  ~MetricsSnapshot();

  // Call it at the start and at a reload; opens the file. The first snapshot comes one interval
  // later.
  Result<void> use(const run::MetricsConfig& config, std::uint64_t now);
  // Once a second. Nothing: it is not time, or no alert is wanted.
  std::optional<output::Alert> tend(const WebFacts& facts, std::uint64_t now);

  // The current values, with the counters of the previous snapshot and the rates since then.
  Fields fields(const WebFacts& facts, std::uint64_t now);

 private:
  struct Counts {
    std::uint64_t seen = 0, lost = 0, at = 0, cpu_us = 0;
  };
  void add_kernel_events(Fields& out, const WebFacts& facts) const;
  void add_resources(Fields& out, std::uint64_t now);
  void add_state(Fields& out, const WebFacts& facts) const;
  void add_rules(Fields& out, const WebFacts& facts) const;
  void add(Fields& out, std::string name, std::uint64_t value) const;
  void add_memory(Fields& out, const std::string& name, std::uint64_t bytes) const;

  const Log& log_;
  run::MetricsConfig config_;
  std::unique_ptr<output::Sink> file_;
  Counts last_;
  std::uint64_t next_ = 0, samples_ = 0, reloaded_ = 0;  // reloaded_: wall clock ns
};

}  // namespace saker::service
