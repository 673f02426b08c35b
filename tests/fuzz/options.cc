// SPDX-License-Identifier: Apache-2.0
// Options as for -o, one per line.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "service/config/config.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace service = saker::service;
  const std::string text(reinterpret_cast<const char*>(data), size);
  std::vector<std::string> options;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    options.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  const service::ConfigResult result = service::parse_config("saker.toml", "", options);
  // Every refusal names the option, on one line.
  for (const service::ConfigDiagnostic& error : result.errors)
    if (error.message.empty() || service::render(error).find(": error: ") == std::string::npos)
      std::abort();
  return 0;
}
