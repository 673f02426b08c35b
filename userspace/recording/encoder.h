// SPDX-License-Identifier: Apache-2.0
// Encodes a block of events for a recording. Any thread.
#pragma once

#include <string>

#include "recording/block.h"

namespace saker::recording {

// The parameters of an event that are blobs, whose slots refer to texts, as bits.
std::uint64_t blob_slots(std::uint16_t type);

// Head and packed content. `level`: of zstd. The block is consumed.
std::string encode(Block& block, int level);

}  // namespace saker::recording
