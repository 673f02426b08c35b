// SPDX-License-Identifier: Apache-2.0
// Alerts as mails by SMTP, one each.
#pragma once

#include <memory>
#include <string>

#include "output/kinds/document.h"
#include "output/kinds/settings.h"
#include "output/peer.h"
#include "output/sinks/connection.h"

namespace saker::output {

std::unique_ptr<Peer> mail_peer(const Settings& settings, TlsOptions tls);

// The whole message with its head, lines ended by CR LF.
std::string mail_of(const Document& document, const Settings& settings);

}  // namespace saker::output
