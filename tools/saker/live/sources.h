// SPDX-License-Identifier: Apache-2.0
// The two implementations of live.h.
#pragma once

#include "live.h"

namespace saker::cli {

// The error's code is ENOENT or ECONNREFUSED if no daemon runs.
Result<std::unique_ptr<Live>> open_daemon(const LiveOptions& options);
// Runs a pipeline of its own.
Result<std::unique_ptr<Live>> open_device(const LiveOptions& options);

}  // namespace saker::cli
