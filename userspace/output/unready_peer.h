// SPDX-License-Identifier: Apache-2.0
// Stands in for a peer that cannot work until the program is started again, for example because a
// library is missing. It takes no alert, so they wait in the sink's queue or in the spool.
#pragma once

#include <memory>
#include <string>

#include "output/peer.h"

namespace saker::output {

// `why`: reported as the reason each time.
std::unique_ptr<Peer> unready_peer(std::string why);

}  // namespace saker::output
