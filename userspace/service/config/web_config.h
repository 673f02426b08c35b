// SPDX-License-Identifier: Apache-2.0
// The configuration of the web server: Falco's section and names. Plain data.
#pragma once

#include <cstdint>
#include <string>

namespace saker::service {

struct WebConfig {
  bool enabled = false;
  std::string listen_address = "127.0.0.1";  // an address of the loopback interface
  std::uint32_t listen_port = 8765;          // 0: any, for tests
  std::string k8s_healthz_endpoint = "/healthz";
  bool prometheus_metrics_enabled = false;

  bool operator==(const WebConfig&) const = default;
};

// Whether a numeric address belongs to the loopback interface.
bool is_loopback(const std::string& address);

}  // namespace saker::service
