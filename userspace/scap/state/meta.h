// SPDX-License-Identifier: Apache-2.0
// The blocks before the events of a capture: machine, processes, descriptors, interfaces, users.
// One thread.
#pragma once

#include "base/error.h"
#include "scap/state/state.h"

namespace saker::scap {

// Adds the block's content to the state. An error says what is wrong in the block; the entries
// before it stay.
Result<void> read_meta(const CaptureBlock& block, CaptureState& state);
// Called after all of them were read: groups, parents and the roles of sockets can be determined
// now.
void finish_meta(CaptureState& state);

}  // namespace saker::scap
