// SPDX-License-Identifier: Apache-2.0
// A configuration, and behind the first NUL options over it, one a line: as saker.toml and -o have them.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "service/config.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace service = saker::service;
  std::string text(reinterpret_cast<const char*>(data), size), file;
  if (const std::size_t nul = text.find('\0'); nul != text.npos) {
    file = text.substr(0, nul);
    text.erase(0, nul + 1);
  }
  std::vector<std::string> options;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    options.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  const service::ConfigResult result = service::parse_config("saker.toml", file, options);
  // Whatever is refused is said with a name, and in one piece.
  for (const service::ConfigMistake& mistake : result.mistakes)
    if (mistake.message.empty() || service::render(mistake).find(": error: ") == std::string::npos) std::abort();
  return 0;
}
