// SPDX-License-Identifier: Apache-2.0
// What the daemon reports about itself: the answer to "status", and the lines it prints at its end.
// For the main thread.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "base/cycles.h"
#include "run/loss_watch.h"
#include "run/noise.h"
#include "run/pipeline.h"
#include "run/pod_watch.h"
#include "service/flight_recorder.h"
#include "service/recorder.h"
#include "service/report/rule_counts.h"

namespace saker::service {

// Summed over all CPUs.
struct LaneTotals {
  std::uint64_t seen = 0, written = 0, lost = 0, lost_bytes = 0, waiting_bytes = 0;
  std::uint64_t drained = 0, corrupted = 0, corrupted_bytes = 0;
};
struct StatusTotals : LaneTotals {
  std::uint64_t matched = 0, alerts = 0, unknown = 0;
};

// Any thread. add_lane adds the counters of one lane to `to`.
void add_lane(LaneTotals& to, const run::Pipeline& pipeline, capture::Lane lane);
StatusTotals totals(const run::Pipeline& pipeline);

// The current values, for LossWatch.
run::LossSample loss_sample(const run::Pipeline& pipeline, const capture::RecordTypes& missing);

// What the daemon knows besides its pipeline.
struct StatusFacts {
  const capture::RecordTypes& missing;
  const run::Config& config;
  const RecorderCounters& recorder;
  const FlightCounters& flight;
  const RuleCounts& rules;
  const CycleLength& cycle;
  const run::Noise& noise;
  const run::PodWatch* pods;  // null: the API server cannot be asked
  std::uint64_t started;      // CLOCK_BOOTTIME ns
};

// One JSON object without a newline.
std::string status_json(run::Pipeline& pipeline, const capture::Source& source,
                        const StatusFacts& facts);

// The rules over their budget, with their sources and a proposal.
nlohmann::ordered_json noise_json(const run::Noise& noise);

// "records: 10 seen, 10 written, 0 lost, ...": one line each.
std::string summary(const run::Pipeline& pipeline);

// Names of a set of events, separated by commas.
std::string event_names(const capture::RecordTypes& events);

}  // namespace saker::service
