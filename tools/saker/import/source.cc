// SPDX-License-Identifier: Apache-2.0
#include "source.h"

#include <algorithm>

#include "output/kinds/kind.h"
#include "service/config/config.h"
#include "service/config/falco.h"

namespace saker::cli {
namespace {

using lang::YamlNode;

bool is_falco_key(const std::string& name) {
  return service::has_config_key(name) || service::has_config_section(name) ||
         service::is_falco_section(name) || service::find_falco_key(name);
}

bool is_sidekick_key(const std::string& name) {
  for (const char* known :
       {"listenaddress", "listenport", "customfields", "templatedfields", "customtags", "tlsserver",
        "tlsclient", "mutualtlsfilespath", "aws", "gcp", "azure", "yandex", "otlp"})
    if (name == known) return true;
  const bool absent = std::ranges::any_of(output::absent_kinds(),
                                          [&](const auto& kind) { return kind.name == name; });
  return absent || output::find_kind(name);
}

const YamlNode* map_at(const lang::YamlTree& tree, const YamlNode& root, std::string_view name) {
  const YamlNode* found = tree.find(root, name);
  return found && found->kind == YamlNode::Kind::map ? found : nullptr;
}

std::string placed(const lang::Sources& sources, lang::SourcePlace origin,
                   const std::string& message, const std::string& hint) {
  const lang::Position at = sources.position(origin);
  return sources.name(origin.source) + ":" + std::to_string(at.line) + ":" +
         std::to_string(at.column) + ": error: " + message + "\n  hint: " + hint + "\n";
}

// Decides by the content: files can have any name.
Result<ImportKind> recognize(const ImportSource& source) {
  const YamlNode& root = source.root();
  const bool chart = map_at(source.tree, root, "config") &&
                     (source.tree.find(root, "image") || source.tree.find(root, "webui"));
  if (map_at(source.tree, root, "falco") || chart) return ImportKind::values;
  std::size_t falco = 0, sidekick = 0;
  each_key(source, root, "", [&](const std::string& key, const YamlNode&) {
    falco += is_falco_key(key);
    sidekick += is_sidekick_key(key);
  });
  if (falco == 0 && sidekick == 0)
    return Error{
        placed(source.sources, root.origin,
               "is not a falco.yaml, a falcosidekick.yaml or the values.yaml of their charts",
               "it has no known key; rule files need no conversion (rules_files)")};
  return sidekick > falco ? ImportKind::sidekick : ImportKind::falco;
}

}  // namespace

std::string_view kind_name(ImportKind kind) {
  switch (kind) {
    case ImportKind::falco: return "a configuration of Falco";
    case ImportKind::sidekick: return "a configuration of Falcosidekick";
    default: return "values of a Helm chart";
  }
}

Result<ImportSource> read_import(const std::string& name, std::string text) {
  ImportSource source;
  const lang::SourceId id = source.sources.add(name, std::move(text));
  source.tree = lang::YamlTree::parse(source.sources, id, {.bytes = 4u << 20, .nodes = 100'000});
  if (const auto& error = source.tree.error())
    return Error{placed(source.sources, error->origin, error->message, error->hint)};
  const std::vector<std::uint32_t>& documents = source.tree.documents();
  if (documents.empty() || source.root().kind == YamlNode::Kind::null)
    return Error{placed(source.sources, {id, 0}, "there is nothing in it",
                        "name a falco.yaml, a falcosidekick.yaml or a values.yaml")};
  if (source.root().kind != YamlNode::Kind::map)
    return Error{placed(source.sources, source.root().origin, "is a list, or a text",
                        "a configuration is `key: value`; rule files need no conversion")};
  if (documents.size() > 1)
    return Error{placed(source.sources, source.tree.node(documents[1]).origin,
                        "a second document begins here", "import each from a separate file")};
  Result<ImportKind> kind = recognize(source);
  if (!kind) return kind.error();
  source.kind = *kind;
  return source;
}

void import_values(const ImportSource& source, const YamlNode& map, ImportTarget& target) {
  constexpr struct {
    std::string_view name, why;
  } rows[] = {
      {"driver", "the module is built on the host, by the package saker-dkms"},
      {"customRules", "put each of them into a file of /etc/saker/rules.d"},
      {"collectors", "containers and pods are recognised without a collector"},
      {"falcoctl", "rule files are installed by hand, or by a package"},
      {"gvisor", "Saker's module is the only event source"},
  };
  each_key(source, map, "", [&](const std::string& path, const YamlNode& node) {
    const bool section = node.kind == YamlNode::Kind::map;
    if (path == "falco" && section) return import_falco(source, node, "falco.", target);
    if (path == "config" && section) return import_sidekick(source, node, "config.", target);
    ImportedKey key;
    key.from = path;
    key.line = source.line(node);
    key.fate = Fate::absent;
    key.note = "it belongs to Kubernetes";
    for (const auto& [name, why] : rows)
      if (path == name) key.note = why;
    const YamlNode* config = section ? map_at(source.tree, node, "config") : nullptr;
    const YamlNode* enabled = section ? source.tree.find(node, "enabled") : nullptr;
    if (path == "falcosidekick" && config && enabled && enabled->value == "true")
      return import_sidekick(source, *config, "falcosidekick.config.", target);
    if (path == "falcosidekick") key.note = "it is not enabled there";
    target.add(std::move(key));
  });
}

}  // namespace saker::cli
