// SPDX-License-Identifier: Apache-2.0
// What all objects of Kubernetes have that are kept.
#pragma once

#include <string>

namespace saker::enrich {

// Labels are in the form of Container::labels.
struct KubeObject {
  std::string name, uid, labels;

  bool operator==(const KubeObject&) const = default;
  std::size_t bytes() const { return name.size() + uid.size() + labels.size(); }
};

}  // namespace saker::enrich
