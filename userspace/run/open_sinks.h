// SPDX-License-Identifier: Apache-2.0
// Opens the sinks of a configuration. The main thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/log.h"
#include "output/kinds/settings.h"
#include "output/peer.h"
#include "output/sink.h"
#include "output/spool/spool.h"
#include "run/config.h"

namespace saker::run {

struct OpenSink {
  output::Settings settings;
  std::unique_ptr<output::Sink> sink;   // null: the sink that runs with these settings stays
  output::SharedSpool spool = nullptr;  // of the sink that writes to it
};
using Sinks = std::vector<OpenSink>;

// Every enabled output, with the defaults of its kind: stdout_output and file_output first, then
// the others in their order.
std::vector<output::Settings> wanted_outputs(const Config& config);

// Starts their threads, except of sinks that already run.
Result<void> begin_sinks(const Sinks& sinks);

// Drops what the spool keeps for outputs that are not among these.
void forget_others(const Sinks& sinks);

// Whether alerts for this output wait on disk.
bool spooled(const Config& config, const output::Settings& output);

// One of `settings` that were checked. Its thread starts with begin().
Result<std::unique_ptr<output::Sink>> open_sink(const output::Settings& settings, const Log& log,
                                                const output::SharedSpool& spool = nullptr);
// The same, to a peer. One that lacks a library is no reason to stop: that is logged, and its
// alerts wait.
Result<std::unique_ptr<output::Sink>> sink_to(Result<std::unique_ptr<output::Peer>> peer,
                                              const output::Settings& settings, const Log& log,
                                              const output::SharedSpool& spool);

// `log` must outlive them. Starts no thread. If outputs use the spool, the first sink writes to it;
// if it cannot be opened, that is logged, and alerts wait in memory. `running`: sinks whose
// settings did not change are not opened again.
Result<Sinks> open_sinks(const Config& config, const Log& log, const Sinks& running = {});

}  // namespace saker::run
