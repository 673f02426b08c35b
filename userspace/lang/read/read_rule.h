// SPDX-License-Identifier: Apache-2.0
// Reads the keys of a `rule` entry, including exceptions. Part of the reader.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "lang/read/entries.h"
#include "lang/read/yaml_values.h"

namespace saker::lang {

const std::vector<std::string_view>& appendable_rule_keys();
const std::vector<std::string_view>& replaceable_rule_keys();

// Whether the entry has an `override` that is not empty.
bool overrides_keys(const YamlMap& map);

// Nothing: an error was reported. An entry without condition, output, desc and priority is a
// toggle: only `enabled` is set.
std::optional<RuleEntry> read_rule(const Sources& sources, YamlMap& map, const TextAt& name,
                                   bool append, const Overrides& overrides);

// The value of `exceptions`; nothing: an error was reported.
std::optional<std::vector<ExceptionEntry>> read_exceptions(const YamlMap& rule,
                                                           const YamlNode& node, bool append);

}  // namespace saker::lang
