// SPDX-License-Identifier: Apache-2.0
// Opens the sinks of a configuration. The main thread.
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
  std::unique_ptr<output::Sink> sink;  // null: the sink that runs with these settings stays
};
using Sinks = std::vector<OpenSink>;

// Every enabled output, with the defaults of its kind: stdout_output and file_output first, then
// the others in their order.
std::vector<output::Settings> wanted_outputs(const Config& config);

// `log` must outlive them. `running`: sinks whose settings did not change are not opened again.
Result<Sinks> open_sinks(const Config& config, const Log& log, const Sinks& running = {});

}  // namespace saker::run
