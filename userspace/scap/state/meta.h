// SPDX-License-Identifier: Apache-2.0
// The blocks that stand before the events of a capture: machine, processes, descriptors,
// interfaces, users. One thread.
#pragma once

#include "base/error.h"
#include "scap/state/state.h"

namespace saker::scap {

// Puts what the block says into the state. An error says what of the block was wrong; the entries
// before it stay.
Result<void> read_meta(const CaptureBlock& block, CaptureState& state);
// All of them were read: groups, parents and the roles of sockets can be told now.
void finish_meta(CaptureState& state);

}  // namespace saker::scap
