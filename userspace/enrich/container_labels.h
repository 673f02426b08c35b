// SPDX-License-Identifier: Apache-2.0
// Gathers the labels of one container. One thread.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace saker::enrich {

class ContainerLabels {
 public:
  // Maximum size of all labels of a container. Beyond it the longest values are shortened first, so
  // that an image cannot displace other labels with long labels of its own.
  static constexpr std::size_t max_bytes = 64u << 10;

  // If two labels have the same key, the last one counts, as in JSON.
  void add(std::string_view key, std::string_view value);
  // In the form of Container::labels. `most`: instead of max_bytes.
  std::string text(std::size_t most = max_bytes) const;

 private:
  static constexpr std::size_t max_count = 4096, max_key = 512;

  std::map<std::string, std::string, std::less<>> labels_;
};

}  // namespace saker::enrich
