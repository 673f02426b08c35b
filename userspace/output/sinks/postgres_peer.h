// SPDX-License-Identifier: Apache-2.0
// Alerts as rows of a PostgreSQL or TimescaleDB table, by libpq, which is loaded when the first
// such output wants it.
#pragma once

#include <memory>

#include "base/error.h"
#include "output/kinds/settings.h"
#include "output/peer.h"
#include "output/sinks/connection.h"

namespace saker::output {

// The error: the library is not there.
Result<std::unique_ptr<Peer>> postgres_peer(const Settings& settings, const TlsOptions& tls);

}  // namespace saker::output
