// SPDX-License-Identifier: Apache-2.0
// Where the daemon's own log goes: Falco's keys. Plain data.
#pragma once

namespace saker::service {

struct LogConfig {
  bool to_stderr = true, to_syslog = false;
};

}  // namespace saker::service
