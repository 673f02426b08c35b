// SPDX-License-Identifier: Apache-2.0
// The answers of the web server: metrics in Prometheus's format, health, versions. Metrics have
// Falco's names if they mean the same; others begin with saker_. For the main thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/cycles.h"
#include "run/noise.h"
#include "run/pipeline.h"
#include "run/pod_watch.h"
#include "service/config/web_config.h"
#include "service/report/rule_counts.h"
#include "service/web_server.h"

namespace saker::service {

// The state of the daemon for these answers. No pipeline: it is still starting.
struct WebFacts {
  const WebConfig& config;
  const run::Pipeline* pipeline;
  const capture::Source& source;
  const RuleCounts& rules;
  const CycleLength& cycle;
  const run::Noise& noise;
  const run::PodWatch* pods;   // null: the API server is not asked
  std::uint64_t started;       // CLOCK_BOOTTIME ns
  const std::string& stalled;  // which threads make no progress; "": none
};

WebAnswer web_answer(const WebFacts& facts, std::string_view path);

// The same for the control socket, from which saker-web has them: the command "metrics", "healthz"
// or "versions"; one JSON object without a newline. There is a pipeline.
std::string web_answer_line(const WebFacts& facts, std::string_view command);

// The current metrics as text.
std::string metrics_text(const WebFacts& facts);

}  // namespace saker::service
