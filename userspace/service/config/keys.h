// SPDX-License-Identifier: Apache-2.0
// The keys of a configuration, and what each does to a Config. Part of config.cc; no other code
// needs TOML.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "service/config/config.h"
#include "service/config/toml.h"

namespace saker::service {

// One step of an option's key: a name, [N], or [] to append an entry.
struct KeyStep {
  enum class Kind : std::uint8_t { name, index, append } kind = Kind::name;
  std::string name;
  std::size_t index = 0;
};
using KeyPath = std::vector<KeyStep>;
using OverrideValue = std::variant<std::string, toml::array, toml::table>;

struct ConfigTarget {
  ConfigResult& result;
  std::string name;  // of the file, or the option
  bool has_position =
      true;  // false: an option, in which a number or a boolean may be text, as in YAML
  // Texts in which ${NAME} was replaced: their numbers and booleans may be text too. Null: there
  // are none.
  const std::set<const toml::node*>* expanded = nullptr;
};

// Every key of the table takes effect or adds an error.
void apply_table(const toml::table& table, ConfigTarget target);

// The same for one change to it. `tree` is what was read so far; afterwards it contains the change.
void apply_option(toml::table& tree, const KeyPath& path, OverrideValue value, ConfigTarget target);

}  // namespace saker::service
