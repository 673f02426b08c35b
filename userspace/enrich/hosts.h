// SPDX-License-Identifier: Apache-2.0
// The names of addresses, out of a file in the form of /etc/hosts. Nobody is asked for a name: a
// rule must not depend on who answers. Constant once made: any thread.
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
  // Of the names in the file those that are asked for; other names are as if they were not there.
  static Result<Hosts> read(const std::string& path, std::span<const std::string_view> asked);
  static Hosts of(std::string_view text, std::span<const std::string_view> asked);

  // `address`: 4 or 16 bytes, network order.
  std::span<const std::string> names(std::string_view address) const;

 private:
  std::unordered_map<std::string, std::vector<std::string>> names_;
};

}  // namespace saker::enrich
