// SPDX-License-Identifier: Apache-2.0
// Alerts as PolicyReports of Kubernetes: one report a namespace and node, kept up to date by
// server-side apply, which creates it, too. Each node has its own report, so that nodes do not
// overwrite each other's.
#pragma once

#include <memory>

#include "base/error.h"
#include "output/kinds/settings.h"
#include "output/peer.h"
#include "output/sinks/http_client.h"

namespace saker::output {

// `hostname`: part of the reports' names.
Result<std::unique_ptr<Peer>> policy_report_peer(const Settings& settings,
                                                 const std::string& hostname, HttpOptions options);

}  // namespace saker::output
