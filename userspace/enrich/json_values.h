// SPDX-License-Identifier: Apache-2.0
// Members of JSON that somebody else wrote: a member that is missing or has another type is empty.
// Pure functions.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "enrich/labels.h"

namespace saker::enrich {

using Json = nlohmann::json;

inline const Json& child(const Json& object, const char* key) {
  static const Json none;
  if (!object.is_object()) return none;
  auto at = object.find(key);
  return at == object.end() ? none : *at;
}

inline std::string text(const Json& object, const char* key) {
  const Json& value = child(object, key);
  return value.is_string() ? value.get<std::string>() : std::string();
}

inline bool flag(const Json& object, const char* key) {
  const Json& value = child(object, key);
  return value.is_boolean() && value.get<bool>();
}

// In the form of Container::labels: JSON's objects are sorted by key.
inline std::string labels_text(const Json& object) {
  std::string labels;
  if (!object.is_object()) return labels;
  for (const auto& [key, value] : object.items()) {
    if (!value.is_string()) continue;
    append_label(labels, key, value.get_ref<const std::string&>());
  }
  return labels;
}

}  // namespace saker::enrich
