// SPDX-License-Identifier: Apache-2.0
// The page as it is configured: the section [web]. Read by saker-web; the daemon only checks it.
// Plain data.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace saker::service {

struct PageConfig {
  std::string listen_address = "127.0.0.1";  // in digits
  std::uint32_t listen_port = 8766;          // 0: any, for tests
  std::vector<std::string> hosts;            // names that browsers may ask for, beside the address
  std::string certificate, key;              // PEM files; "": no TLS
  std::string client_ca;                     // whose certificates let clients in; "": none
  std::string password_file;                 // as `saker web password` wrote it; "": none
  std::string metrics_password_file;         // for /metrics, /healthz, /versions alone; "": none
  std::string history_directory = "/var/lib/saker/history";
  std::uint32_t history_max_mb = 1024, history_max_days = 30;
};

// What must not be: beyond the loopback interface without TLS, or without anything that lets in.
// "" or a sentence, and how to mend it.
struct PageProblem {
  std::string message, hint;
};
PageProblem page_problem(const PageConfig& config);

}  // namespace saker::service
