// SPDX-License-Identifier: Apache-2.0
// AMQP 0-9-1, as RabbitMQ implements it: persistent messages to a queue through the default
// exchange, each confirmed by the broker.
#pragma once

#include <memory>

#include "output/sinks/protocol_peer.h"

namespace saker::output {

std::unique_ptr<Protocol> amqp_protocol(const Settings& settings);

}  // namespace saker::output
