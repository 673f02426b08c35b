// SPDX-License-Identifier: Apache-2.0
// Reads the entries from the tree of one rule file: checks structure and scalars, entry by entry,
// and reports every error. A broken entry is dropped but its name is kept, so that references to it
// are not reported as well.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "lang/read/entries.h"
#include "lang/read/yaml_tree.h"
#include "lang/report.h"

namespace saker::lang {

struct EngineVersionEntry {
  std::string version;  // semver text
  SourcePlace origin;
};

struct PluginVersionsEntry {
  std::vector<PluginRequirement> requirements;
  SourcePlace origin;
};

// An entry of that kind and name exists but could not be read.
struct BrokenEntry {
  enum class Kind : std::uint8_t { list, macro, rule } kind = Kind::rule;
  std::string name;
};

using Entry = std::variant<ListEntry, MacroEntry, RuleEntry, EngineVersionEntry,
                           PluginVersionsEntry, BrokenEntry>;

std::vector<Entry> read_entries(const Sources& sources, const YamlTree& tree, Report& report);

// A version as semver defines it; `major` and the rest are numbers. Nothing if it is not one.
struct Version {
  unsigned major = 0, minor = 0, patch = 0;
};
std::optional<Version> parse_version(std::string_view text);
bool operator<(const Version& a, const Version& b);

}  // namespace saker::lang
