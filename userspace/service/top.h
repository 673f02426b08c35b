// SPDX-License-Identifier: Apache-2.0
// The answer to "top": what processes, rules and outputs cost, as counters since some moment, so
// that whoever asks twice has rates. The main thread's.
#pragma once

#include <string>

#include "service/metrics.h"

namespace saker::service {

// One JSON object without a newline. Processes and costs are of the sample; where that has just
// begun there are none yet.
std::string top_json(const WebFacts& facts);

}  // namespace saker::service
