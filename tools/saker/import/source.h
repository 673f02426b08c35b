// SPDX-License-Identifier: Apache-2.0
// The input of `saker import`: a YAML file, the kind of configuration in it, and how each kind is
// converted. One thread.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "lang/read/sources.h"
#include "lang/read/yaml_tree.h"
#include "target.h"

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
  // The key at `path` with the value `node`; it has no place in saker.toml yet.
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

// The error lists every error with its place, ready to be printed.
Result<ImportSource> read_import(const std::string& name, std::string text);

std::string_view kind_name(ImportKind kind);

// Calls the function for each key of a map, with its value and its path (`prefix` ends with a dot).
template <typename Do>
void each_key(const ImportSource& source, const lang::YamlNode& map, const std::string& prefix,
              Do&& act) {
  for (std::size_t i = 0; i + 1 < map.items.size(); i += 2)
    act(prefix + source.tree.node(map.items[i]).value, source.tree.node(map.items[i + 1]));
}

// What the imports of the kinds share. `prefix` goes before the names of keys in comments.
class ImportWalk {
 public:
  ImportWalk(const ImportSource& source, const std::string& prefix, ImportTarget& target)
      : source_(source), prefix_(prefix), target_(target) {}

 protected:
  ImportedKey imported(const std::string& path, const lang::YamlNode& node, Fate fate,
                       std::string note = "") const {
    return source_.imported(prefix_ + path, node, fate, std::move(note));
  }
  void absent(const std::string& path, const lang::YamlNode& node, std::string why) {
    target_.add(imported(path, node, Fate::absent, std::move(why)));
  }

  const ImportSource& source_;
  const std::string& prefix_;
  ImportTarget& target_;
};

// Imports a falco.yaml with the root `map`; comments name its keys with `prefix`.
void import_falco(const ImportSource& source, const lang::YamlNode& map, const std::string& prefix,
                  ImportTarget& target);
// Imports a falcosidekick.yaml.
void import_sidekick(const ImportSource& source, const lang::YamlNode& map,
                     const std::string& prefix, ImportTarget& target);
// Imports the values.yaml of the chart falco, or of the chart falcosidekick.
void import_values(const ImportSource& source, const lang::YamlNode& map, ImportTarget& target);

}  // namespace saker::cli
