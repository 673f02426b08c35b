// SPDX-License-Identifier: Apache-2.0
// What a capture says about containers: JSON, as written by the engine that made the capture.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "enrich/container.h"

namespace saker::enrich {

// Containers by id, in the order in which the metadata names them. One thread. A container stays at
// its address until it is removed.
class ContainerCatalog {
 public:
  // The container that the text describes; null if it describes none.
  const Container* take(std::string_view json);
  void remove(const std::string& id) { all_.erase(id); }
  // Null: the capture does not mention it.
  const Container* find(const std::string& id) const;

 private:
  void fill_pods();

  std::map<std::string, Container> all_;
};

}  // namespace saker::enrich
