// SPDX-License-Identifier: Apache-2.0
// The sinks that a configuration wants. The main thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/log.h"
#include "output/kinds/settings.h"
#include "output/sink.h"
#include "run/config.h"

namespace saker::run {

struct OpenSink {
  output::Settings settings;
  std::unique_ptr<output::Sink> sink;  // null: the one that runs with these settings stays
};
using Sinks = std::vector<OpenSink>;

// Every output that is enabled, with all that its kind presets: stdout_output and file_output
// first, then the others in their order.
std::vector<output::Settings> wanted_outputs(const Config& config);

// `log` must outlive them. `running`: sinks whose settings did not change are not opened anew.
Result<Sinks> open_sinks(const Config& config, const Log& log, const Sinks& running = {});

}  // namespace saker::run
