// SPDX-License-Identifier: Apache-2.0
// The result of a run of the generator: the final table, the same as JSON, and the verdict.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "run.h"

namespace saker::cli {

struct Attempt {
  const Scenario* scenario = nullptr;
  Performed performed;
  bool seen = false;
  // From the action's return to the alert; with time_of_record: from the record's time.
  std::int64_t latency_ns = 0;
  std::int64_t since_record_ns = 0;  // from the record's time to the alert
};

// The difference of the daemon's counters over the run.
struct Records {
  std::uint64_t seen = 0, written = 0, lost = 0;
  std::uint64_t alerts_dropped = 0;  // made, but lost by outputs

  bool complete() const { return lost == 0 && alerts_dropped == 0; }
};

struct ScenarioReport {
  std::vector<Attempt> attempts;
  std::uint64_t forgotten = 0, forgotten_seen = 0;  // earlier attempts of a long loop
  std::optional<Records> records;                   // nothing: the daemon did not answer
  std::string broken;  // why the run could not be finished; empty if it was

  // Only so many are kept: a loop may run for days.
  static constexpr std::size_t most_attempts = 10'000;
  void add(Attempt attempt);
  std::uint64_t performed() const { return forgotten + attempts.size(); }
  std::uint64_t seen() const;

  // All attacks seen, nothing lost, and both known.
  bool passed() const;
};

// The counters in a daemon's answer to "status".
std::optional<Records> parse_records(const std::string& status);

// The smallest latency that `percent` of the seen attempts do not exceed; nothing if none was seen.
std::optional<std::int64_t> latency_percentile(const std::vector<Attempt>& attempts,
                                               unsigned percent);

std::string report_table(const ScenarioReport& report);
std::string report_json(const ScenarioReport& report);

}  // namespace saker::cli
