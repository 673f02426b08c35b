// SPDX-License-Identifier: Apache-2.0
// Alerts to Kafka, by librdkafka, which is loaded when the first such output wants it.
#pragma once

#include <memory>

#include "base/error.h"
#include "output/kinds/settings.h"
#include "output/peer.h"
#include "output/sinks/connection.h"

namespace saker::output {

// The error: the library is not there, or refuses a setting.
Result<std::unique_ptr<Peer>> kafka_peer(const Settings& settings, const TlsOptions& tls);

}  // namespace saker::output
