// SPDX-License-Identifier: Apache-2.0
// The names of addresses, from a file in the format of /etc/hosts. No server is queried: a rule
// must not depend on its answer. Constant once made: any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.h"

namespace saker::enrich {

class Hosts {
 public:
  // Keeps only the names in `asked`; other names in the file are ignored.
  static Result<Hosts> read(const std::string& path, std::span<const std::string_view> asked);
  static Hosts of(std::string_view text, std::span<const std::string_view> asked);

  // `address`: 4 or 16 bytes, network order.
  std::span<const std::string> names(std::string_view address) const;

 private:
  std::unordered_map<std::string, std::vector<std::string>> names_;
};

}  // namespace saker::enrich
