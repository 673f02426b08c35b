// SPDX-License-Identifier: Apache-2.0
// Inserts alerts as rows of a PostgreSQL or TimescaleDB table with libpq, which is loaded for the
// first such output.
#pragma once

#include <memory>

#include "base/error.h"
#include "output/kinds/settings.h"
#include "output/peer.h"
#include "output/sinks/connection.h"

namespace saker::output {

// Fails if the library is missing.
Result<std::unique_ptr<Peer>> postgres_peer(const Settings& settings, const TlsOptions& tls);

}  // namespace saker::output
