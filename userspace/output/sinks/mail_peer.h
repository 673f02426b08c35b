// SPDX-License-Identifier: Apache-2.0
// Sends alerts as mails by SMTP, one mail per alert.
#pragma once

#include <memory>
#include <string>

#include "output/kinds/document.h"
#include "output/kinds/settings.h"
#include "output/peer.h"
#include "output/sinks/connection.h"

namespace saker::output {

std::unique_ptr<Peer> mail_peer(const Settings& settings, TlsOptions tls);

// The complete message with its header, with CR LF line ends.
std::string mail_of(const Document& document, const Settings& settings);

}  // namespace saker::output
