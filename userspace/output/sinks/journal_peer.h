// SPDX-License-Identifier: Apache-2.0
// Sends alerts to systemd's journal by its native protocol: MESSAGE, PRIORITY, and every field of
// the alert as a field of the entry.
#pragma once

#include <memory>
#include <string>

#include "output/kinds/settings.h"
#include "output/peer.h"

namespace saker::output {

std::unique_ptr<Peer> journal_peer(const Settings& settings);

// One entry in the format of the protocol.
std::string journal_entry(const Alert& alert, const std::string& tag);

}  // namespace saker::output
