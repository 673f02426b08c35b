// SPDX-License-Identifier: Apache-2.0
// What the web server answers: metrics in Prometheus's format, health, versions. Falco's names
// where they mean the same, names that begin with saker_ beside. The main thread's.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/cycles.h"
#include "run/pipeline.h"
#include "service/rule_counts.h"
#include "service/web_server.h"

namespace saker::service {

// What of the daemon is shown. No pipeline: it is still starting.
struct WebFacts {
  const WebConfig& config;
  const run::Pipeline* pipeline;
  const capture::Source& source;
  const RuleCounts& rules;
  const CycleLength& cycle;
  std::uint64_t started;       // CLOCK_BOOTTIME ns
  const std::string& stalled;  // which threads make no progress; "": none
};

WebAnswer web_answer(const WebFacts& facts, std::string_view path);

// Of one moment, as text.
std::string metrics_text(const WebFacts& facts);

}  // namespace saker::service
