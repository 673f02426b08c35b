// SPDX-License-Identifier: Apache-2.0
// Where alerts go in the end: the sinks of the configuration. For the output thread; the counters for any.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/log.h"
#include "output/sink.h"
#include "service/config.h"

namespace saker::service {

using Sinks = std::vector<std::unique_ptr<output::LineSink>>;

// `log` must outlive them.
Result<Sinks> open_sinks(const Config& config, const Log& log);

}  // namespace saker::service
