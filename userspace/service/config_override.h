// SPDX-License-Identifier: Apache-2.0
// One -o KEY=VALUE: where in the configuration the key points, what the value is, and the change
// itself. Part of config.cc. KEY is Falco's: names with dots between, [N] for an entry of a list,
// [] for one more.
#pragma once

#include <string_view>

#include "base/error.h"
#include "service/config_keys.h"

namespace saker::service {

Result<KeyPath> parse_key_path(std::string_view key);

// What stands behind the '=': a list or a table in TOML, or as Falco has them, in JSON or YAML;
// anything else is text, without its quotation marks if it is a string of TOML. Every reader of a
// key takes text in an option.
OverrideValue parse_override_value(std::string_view text);

// Sets the value in the tree, making lists and tables on the way. The error says what stands in the
// way.
Result<void> set_in_tree(toml::table& tree, const KeyPath& path, OverrideValue value);

}  // namespace saker::service
