// SPDX-License-Identifier: Apache-2.0
// What `saker import` reads: a YAML file, what kind of configuration it is, and what each kind
// becomes. One thread.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "import_target.h"
#include "lang/read/sources.h"
#include "lang/read/yaml_tree.h"

namespace saker::cli {

enum class ImportKind : std::uint8_t { falco, sidekick, values };

struct ImportSource {
  lang::Sources sources;
  lang::YamlTree tree;
  ImportKind kind = ImportKind::falco;

  const lang::YamlNode& root() const { return tree.node(tree.documents().front()); }
  std::uint32_t line(const lang::YamlNode& node) const {
    return sources.position(node.origin).line;
  }
  // The key at `path` whose value is `node`, without a place in saker.toml yet.
  ImportedKey imported(std::string path, const lang::YamlNode& node, Fate fate,
                       std::string note) const {
    ImportedKey key;
    key.from = std::move(path);
    key.line = line(node);
    key.fate = fate;
    key.note = std::move(note);
    return key;
  }
};

// The error: every mistake with its place, ready to be printed.
Result<ImportSource> read_import(const std::string& name, std::string text);

std::string_view kind_name(ImportKind kind);

// Each of the keys of a map, its value, the path to it (`prefix` has its dot).
template <typename Do>
void each_key(const ImportSource& source, const lang::YamlNode& map, const std::string& prefix,
              Do&& act) {
  for (std::size_t i = 0; i + 1 < map.items.size(); i += 2)
    act(prefix + source.tree.node(map.items[i]).value, source.tree.node(map.items[i + 1]));
}

// A falco.yaml, whose root is `map`; its keys are named with `prefix` in comments.
void import_falco(const ImportSource& source, const lang::YamlNode& map, const std::string& prefix,
                  ImportTarget& target);
// A falcosidekick.yaml.
void import_sidekick(const ImportSource& source, const lang::YamlNode& map,
                     const std::string& prefix, ImportTarget& target);
// The values.yaml of the chart falco, or of the chart falcosidekick.
void import_values(const ImportSource& source, const lang::YamlNode& map, ImportTarget& target);

}  // namespace saker::cli
