// SPDX-License-Identifier: Apache-2.0
// Values of a YAML file as TOML. Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "lang/read/yaml_tree.h"

namespace saker::cli {

std::string toml_string(std::string_view text);
// A key, in quotation marks if it needs them.
std::string toml_key(std::string_view name);
// A scalar that looks like a number or a boolean becomes one, unless `texts`. The error: the node
// is nested too deeply, or too large (an alias may multiply it).
Result<std::string> toml_value(const lang::YamlTree& tree, const lang::YamlNode& node, bool texts);

}  // namespace saker::cli
