// SPDX-License-Identifier: Apache-2.0
#include "enrich/container_labels.h"

#include <algorithm>

#include "enrich/labels.h"

namespace saker::enrich {

void ContainerLabels::add(std::string_view key, std::string_view value) {
  key = key.substr(0, max_key);
  value = value.substr(0, max_bytes);
  auto at = labels_.find(key);
  if (at != labels_.end())
    at->second = value;
  else if (labels_.size() < max_count)
    labels_.emplace(key, value);
}

std::string ContainerLabels::text(std::size_t most) const {
  const auto bytes = [this](std::size_t longest) {
    std::size_t sum = 0;
    for (const auto& [key, value] : labels_)
      sum += key.size() + std::min(value.size(), longest) + 2;
    return sum;
  };
  std::size_t longest = most;
  while (longest && bytes(longest) > most) longest /= 2;
  std::string out;
  for (const auto& [key, value] : labels_) {
    if (out.size() + key.size() >= most) break;
    append_label(out, key, std::string_view(value).substr(0, longest));
  }
  return out;
}

}  // namespace saker::enrich
