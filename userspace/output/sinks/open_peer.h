// SPDX-License-Identifier: Apache-2.0
// Settings -> the far end of a sink: one row a kind. Makes no connection: that is the sink's
// thread's to do, again and again. The main thread, before the daemon gives up its privileges or,
// by a reload, after it.
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
