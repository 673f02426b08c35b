// SPDX-License-Identifier: Apache-2.0
// The answer to "top": the costs of processes, rules and outputs, as counters since some moment, so
// that two answers give rates. For the main thread.
#pragma once

#include <string>

#include "service/report/metrics.h"

namespace saker::service {

// One JSON object without a newline. Processes and costs come from the sample; if it has just
// begun, there are none yet.
std::string top_json(const WebFacts& facts);

}  // namespace saker::service
