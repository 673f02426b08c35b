// SPDX-License-Identifier: Apache-2.0
// Alerts to systemd's journal by its native protocol: MESSAGE, PRIORITY, and every field of the
// alert as a field of the entry.
#pragma once

#include <memory>
#include <string>

#include "output/kinds/settings.h"
#include "output/peer.h"

namespace saker::output {

std::unique_ptr<Peer> journal_peer(const Settings& settings);

// One entry, as the protocol has it.
std::string journal_entry(const Alert& alert, const std::string& tag);

}  // namespace saker::output
