// SPDX-License-Identifier: Apache-2.0
// Falcosidekick's configuration: an [[output]] for each enabled output, with its keys under their
// names; common settings are added to each.
#include <algorithm>
#include <cctype>
#include <map>

#include "output/kinds/kind.h"
#include "source.h"
#include "value.h"

namespace saker::cli {
namespace {

using lang::YamlNode;

// Settings that Falcosidekick has once for all outputs, and their keys in an [[output]].
constexpr struct {
  std::string_view from, to;
} for_all[] = {{"customfields", "customfields"},
               {"templatedfields", "templatedfields"},
               {"customtags", "customtags"},
               {"bracketreplacer", "bracketreplacer"},
               {"outputfieldformat", "outputfieldformat"}};
// Settings of the server to which Falco sends its alerts; Saker needs no such server.
constexpr std::string_view server_keys[] = {"listenaddress", "listenport", "debug", "tlsserver",
                                            "prometheus"};
constexpr std::string_view certificates[] = {"tlsclient", "mutualtlsclient", "mutualtlsfilespath"};
// Sections that contain sections, one output each.
constexpr std::string_view groups[] = {"aws", "gcp", "azure", "yandex", "otlp"};

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return out;
}

template <typename List>
bool among(const List& list, std::string_view name) {
  return std::ranges::find(list, name) != std::end(list);
}

bool is_empty(const YamlNode& node) {
  return node.kind == YamlNode::Kind::null ||
         (node.kind == YamlNode::Kind::scalar && node.value.empty()) ||
         (node.kind != YamlNode::Kind::scalar && node.items.empty());
}

class SidekickImport : ImportWalk {
 public:
  using ImportWalk::ImportWalk;

  void run(const YamlNode& map) {
    each_key(source_, map, "", [&](const std::string& key, const YamlNode& node) {
      for (const auto& [from, to] : for_all)
        if (lower(key) == from && !is_empty(node)) all_[std::string(to)] = &node;
      if (lower(key) == "tlsclient") note_certificate(node);
      if (lower(key) == "mutualtlsclient") mutual_ = &node;
    });
    each_key(source_, map, "",
             [&](const std::string& key, const YamlNode& node) { take(key, lower(key), node); });
  }

 private:
  void note_certificate(const YamlNode& node) {
    each_key(source_, node, "", [&](const std::string& key, const YamlNode& value) {
      if (lower(key) == "cacertfile" && !is_empty(value)) all_["cacertfile"] = &value;
    });
  }

  void take(const std::string& path, const std::string& name, const YamlNode& node) {
    const bool said =
        std::ranges::any_of(for_all, [&](const auto& row) { return row.from == name; });
    if (said && is_empty(node)) return;
    if (said) return absent(path, node, "it was added to each output below that can have it");
    if (among(server_keys, name))
      return absent(path, node, "outputs are part of sakerd; it does not receive alerts");
    if (among(certificates, name))
      return absent(path, node, "each output has its own cacertfile, certfile and keyfile");
    if (node.kind != YamlNode::Kind::map) return unknown(path, node);
    if (!among(groups, name)) return take_output(path, name, node, nullptr);
    each_key(source_, node, path + ".", [&](const std::string& inner, const YamlNode& output) {
      if (output.kind == YamlNode::Kind::map)
        take_output(inner, name + lower(inner.substr(path.size() + 1)), output, &node);
    });
  }

  void unknown(const std::string& path, const YamlNode& node) {
    target_.add(imported(path, node, Fate::unknown, "Falcosidekick has no such key"));
    target_.warn(prefix_ + path + " (line " + std::to_string(source_.line(node)) +
                 ") is not a key of Falcosidekick");
  }

  // A key of the section with a value, whatever its case.
  const YamlNode* value(const YamlNode& section, std::string_view name) const {
    const YamlNode* found = nullptr;
    each_key(source_, section, "", [&](const std::string& key, const YamlNode& node) {
      if (lower(key) == name && !is_empty(node)) found = &node;
    });
    return found;
  }

  // Falcosidekick enables an output if the first required key has a value.
  bool is_on(const output::Kind& kind, const YamlNode& section) const {
    const auto first = std::ranges::find_if(kind.keys, &output::Key::required);
    return first != kind.keys.end() ? value(section, first->name) != nullptr
                                    : value(section, "host") || value(section, "hostport");
  }

  // For a type that Saker does not have: whether the section seems to be in use.
  bool seems_on(const YamlNode& section) const {
    for (const std::string_view name :
         {"address", "hostport", "host", "url", "webhookurl", "token", "apikey", "endpoint",
          "bucket", "topic", "forwarder", "broker", "name", "function", "orguid"})
      if (value(section, name)) return true;
    return false;
  }

  void take_output(const std::string& path, const std::string& type, const YamlNode& section,
                   const YamlNode* group) {
    const output::Kind* kind = output::find_kind(type);
    if (!kind) return take_missing(path, type, section);
    if (!is_on(*kind, section)) return absent(path, section, "it is not enabled there");
    const std::string header = "output#" + std::to_string(++outputs_);
    ImportedKey named = imported(path, section, Fate::renamed);
    named.section = header;
    named.key = "type";
    named.value = named.as_text = toml_string(type);
    target_.add(std::move(named));
    each_key(source_, section, path + ".", [&](const std::string& key, const YamlNode& node) {
      take_key(key, lower(key.substr(path.size() + 1)), node, *kind, header);
    });
    if (group)
      each_key(source_, *group, "", [&](const std::string& key, const YamlNode& node) {
        inherit(lower(key), node, *kind, header);
      });
    for (const auto& [name, node] : all_) inherit(name, *node, *kind, header);
    const YamlNode* mutual = value(section, "mutualtls");
    if (mutual && mutual->value == "true" && mutual_)
      for (const char* name : {"certfile", "keyfile"})
        if (const YamlNode* file = value(*mutual_, name)) inherit(name, *file, *kind, header);
  }

  void take_missing(const std::string& path, const std::string& type, const YamlNode& section) {
    for (const output::AbsentKind& absent_kind : output::absent_kinds())
      if (absent_kind.name == type) return absent(path, section, std::string(absent_kind.reason));
    if (!seems_on(section)) return absent(path, section, "it is not enabled there");
    absent(path, section, "there is no output of that type (saker outputs list --all)");
    target_.warn(prefix_ + path + " (line " + std::to_string(source_.line(section)) +
                 ") is an output that Saker does not have");
  }

  void take_key(const std::string& path, const std::string& name, const YamlNode& node,
                const output::Kind& kind, const std::string& header) {
    if (is_empty(node)) return;
    if (name == "minimumpriority" || kind.find(name)) {
      ImportedKey key = imported(path, node, Fate::kept);
      key.section = header;
      return target_.take(source_.tree, node, std::move(key), name);
    }
    const bool mutual = name == "mutualtls";
    if (mutual && (node.value == "false" || mutual_)) return;
    absent(path, node,
           mutual ? "name certfile and keyfile"
                  : "outputs of type " + kind.name + " have no such key");
  }

  // Adds a key from outside the section.
  void inherit(const std::string& name, const YamlNode& node, const output::Kind& kind,
               const std::string& header) {
    if (is_empty(node) || !kind.find(name) || target_.has(header + "." + name)) return;
    ImportedKey key = imported(name, node, Fate::kept, "there it is set once for several outputs");
    key.section = header;
    target_.take(source_.tree, node, std::move(key), name);
  }

  std::map<std::string, const YamlNode*> all_;
  const YamlNode* mutual_ = nullptr;
  unsigned outputs_ = 0;
};

}  // namespace

void import_sidekick(const ImportSource& source, const YamlNode& map, const std::string& prefix,
                     ImportTarget& target) {
  SidekickImport(source, prefix, target).run(map);
}

}  // namespace saker::cli
