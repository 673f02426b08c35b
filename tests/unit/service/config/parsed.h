// SPDX-License-Identifier: Apache-2.0
// A configuration as a text, and all of its errors as they are printed.
#pragma once

#include <string>
#include <vector>

#include "service/config/config.h"

namespace saker::test {

inline service::ConfigResult parse(const std::string& text,
                                   const std::vector<std::string>& overrides = {}) {
  return service::parse_config("saker.toml", text, overrides);
}

inline std::string all_errors(const service::ConfigResult& result) {
  std::string out;
  for (const service::ConfigDiagnostic& error : result.errors) out += render(error);
  return out;
}

}  // namespace saker::test
