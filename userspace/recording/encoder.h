// SPDX-License-Identifier: Apache-2.0
// A block of events as it stands in a recording. Any thread.
#pragma once

#include <string>

#include "recording/block.h"

namespace saker::recording {

// Whether a parameter of an event is a blob, so that its slot refers to a text.
std::uint64_t blob_slots(std::uint16_t type);

// Head and packed content. `level`: of zstd. The block is used up.
std::string encode(Block& block, int level);

}  // namespace saker::recording
