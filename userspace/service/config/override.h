// SPDX-License-Identifier: Apache-2.0
// One -o KEY=VALUE: the place of the key in the configuration, the value, and the change itself.
// Part of config.cc. KEY has Falco's form: names with dots between them, [N] for an entry of a
// list, [] to append one.
#pragma once

#include <string_view>

#include "base/error.h"
#include "service/config/keys.h"

namespace saker::service {

Result<KeyPath> parse_key_path(std::string_view key);

// The text after the '=': a list or a table in TOML, or, as Falco allows, in JSON or YAML; anything
// else is text, without quotation marks if it is a TOML string. Every reader of a key accepts text
// in an option.
OverrideValue parse_override_value(std::string_view text);

// Sets the value in the tree, making lists and tables as needed. The error says why it is not
// possible.
Result<void> set_in_tree(toml::table& tree, const KeyPath& path, OverrideValue value);

}  // namespace saker::service
