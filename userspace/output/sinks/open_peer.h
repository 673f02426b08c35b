// SPDX-License-Identifier: Apache-2.0
// Makes the far end of a sink from settings: one row per kind. Makes no connection: the sink's
// thread does that, as often as needed. Call it in the main thread, before the daemon drops its
// privileges or, for a reload, afterwards.
#pragma once

#include <memory>
#include <string>

#include "base/error.h"
#include "output/kinds/settings.h"
#include "output/peer.h"

namespace saker::output {

struct PeerContext {
  std::string hostname;
};

// `settings`: checked and completed (kinds/kind.h).
Result<std::unique_ptr<Peer>> open_peer(const Settings& settings, const PeerContext& context);

}  // namespace saker::output
