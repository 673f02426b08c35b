// SPDX-License-Identifier: Apache-2.0
// The spool as the far end of a sink: the queue before it contains alerts that wait for the disk.
#pragma once

#include <memory>

#include "output/peer.h"
#include "output/spool/spool.h"

namespace saker::output {

std::unique_ptr<Peer> spool_peer(SharedSpool spool);

}  // namespace saker::output
