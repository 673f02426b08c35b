// SPDX-License-Identifier: Apache-2.0
// Redis, NATS and MQTT: protocols that need only a few lines each.
#pragma once

#include <memory>

#include "output/sinks/protocol_peer.h"

namespace saker::output {

// RPUSH to a list, or HSET to a hash by the alert's uuid.
std::unique_ptr<Protocol> redis_protocol(const Settings& settings);
std::unique_ptr<Protocol> nats_protocol(const Settings& settings);
// MQTT 3.1.1, quality of service 0 or 1.
std::unique_ptr<Protocol> mqtt_protocol(const Settings& settings);

}  // namespace saker::output
