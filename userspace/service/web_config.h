// SPDX-License-Identifier: Apache-2.0
// The web server as it is configured: Falco's section and names. Plain data.
#pragma once

#include <cstdint>
#include <string>

namespace saker::service {

struct WebConfig {
  bool enabled = false;
  std::string listen_address = "127.0.0.1";  // of the loopback interface
  std::uint32_t listen_port = 8765;          // 0: any, for tests
  std::string k8s_healthz_endpoint = "/healthz";
  bool prometheus_metrics_enabled = false;

  bool operator==(const WebConfig&) const = default;
};

// Whether an address is one of the loopback interface, in digits.
bool is_loopback(const std::string& address);

}  // namespace saker::service
