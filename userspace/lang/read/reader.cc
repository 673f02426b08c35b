// SPDX-License-Identifier: Apache-2.0
#include "lang/read/reader.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <tuple>

#include "lang/read/read_rule.h"
#include "lang/read/yaml_values.h"

namespace saker::lang {
namespace {

bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool is_macro_name(std::string_view name) {
  if (name.empty() || !is_name_start(name[0])) return false;
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return is_name_start(c) || (c >= '0' && c <= '9') || c == '_'; });
}

bool is_list_name(std::string_view name) {
  return !name.empty() && name.find_first_of("()\"' \t\n\v\f\r=,") == std::string_view::npos;
}

class EntryReader {
 public:
  EntryReader(const Sources& sources, const YamlTree& tree, Report& report)
      : sources_(sources), tree_(tree), report_(report) {}

  std::vector<Entry> run() {
    for (const std::uint32_t document : tree_.documents()) read_document(tree_.node(document));
    return std::move(entries_);
  }

 private:
  void fail(SourcePlace at, std::string message, std::string hint) {
    report_.add({Code::yaml_validate, at, std::move(message), std::move(hint), {}, {}});
  }

  void read_document(const YamlNode& document) {
    if (document.kind == YamlNode::Kind::null) return;
    if (document.kind != YamlNode::Kind::sequence) {
      const bool map = document.kind == YamlNode::Kind::map;
      fail(document.origin,
           map ? "the rules content is a map, not a sequence of entries"
               : "the rules content is not YAML sequence of entries",
           map ? "begin every entry with '- ', as in '- rule: NAME'"
               : "a rule file is a list of '- rule:', '- macro:', '- list:' entries");
      return;
    }
    for (const std::uint32_t id : document.items) read_entry(tree_.node(id));
  }

  void read_entry(const YamlNode& entry) {
    if (entry.kind == YamlNode::Kind::null) return;
    if (entry.kind != YamlNode::Kind::map) {
      report_.add({Code::yaml_validate,
                   entry.origin,
                   "unexpected element type: each entry must be a map",
                   "begin it with '- rule:', '- macro:' or '- list:'",
                   {{"rules content item", "", entry.origin}},
                   {}});
      return;
    }
    YamlMap map(tree_, entry, report_, {});
    if (map.has("required_engine_version")) return read_engine_version(map);
    if (map.has("required_plugin_versions")) return read_plugin_versions(map);
    if (map.has("list")) return read_list(map);
    if (map.has("macro")) return read_macro(map);
    if (map.has("rule")) return read_rule_entry(map);
    map.push_context({"rules content item", "", entry.origin});
    map.fail(entry.origin, "unknown top level item",
             "an entry has one of the keys rule, macro, list, required_engine_version, "
             "required_plugin_versions; this one is ignored",
             Code::unknown_item);
  }

  void read_engine_version(YamlMap& map) {
    map.push_context({"required_engine_version", "", map.node().origin});
    map.warn_unknown_keys({"required_engine_version"}, "required_engine_version");
    const YamlNode* value = map.required_scalar("required_engine_version");
    if (value == nullptr) return;
    const std::optional<std::uint32_t> number = parse_yaml_unsigned(value->value);
    const std::string version = number ? "0." + std::to_string(*number) + ".0" : value->value;
    if (parse_version(version))
      entries_.push_back(EngineVersionEntry{version, value->origin});
    else
      map.fail(value->origin, "cannot decode '" + value->value + "' as an engine version",
               "write a number such as 26, or a version such as 0.26.0");
  }

  std::optional<PluginRequirement> read_requirement(YamlMap& map) {
    const std::optional<TextAt> name = map.required_text("name");
    const std::optional<TextAt> version = map.required_text("version");
    if (!name || !version) return std::nullopt;
    if (!parse_version(version->text)) {
      map.fail(version->origin, "invalid plugin version '" + version->text + "'",
               "write it as 1.2.3", Code::validate);
      return std::nullopt;
    }
    return PluginRequirement{name->text, version->text, {}};
  }

  // All maps in a sequence.
  std::vector<const YamlNode*> maps_of(YamlMap& map, const YamlNode& sequence,
                                       const std::string& what) {
    std::vector<const YamlNode*> maps;
    if (sequence.kind != YamlNode::Kind::sequence) {
      map.fail(sequence.origin, "the value of " + what + " is not a sequence",
               "write one '- name: ...' per entry");
      return maps;
    }
    for (const std::uint32_t id : sequence.items) {
      const YamlNode& item = tree_.node(id);
      if (item.kind == YamlNode::Kind::map)
        maps.push_back(&item);
      else
        map.fail(item.origin, "an element of " + what + " is not a map",
                 "write it as {name: NAME, version: VERSION}");
    }
    return maps;
  }

  void read_plugin_versions(YamlMap& map) {
    map.push_context({"required plugin versions", "", map.node().origin});
    map.warn_unknown_keys({"required_plugin_versions"}, "required_plugin_versions");
    for (const YamlNode* node :
         maps_of(map, *map.find("required_plugin_versions"), "required_plugin_versions")) {
      std::vector<ContextItem> context = map.context();
      context.push_back({"required plugin versions entry", "", node->origin});
      YamlMap item(tree_, *node, report_, std::move(context));
      std::optional<PluginRequirement> requirement = read_requirement(item);
      if (!requirement) continue;
      const YamlNode* alternatives = item.find("alternatives");
      if (alternatives != nullptr && !read_alternatives(item, *alternatives, *requirement))
        continue;
      entries_.push_back(PluginVersionsEntry{{std::move(*requirement)}, node->origin});
    }
  }

  bool read_alternatives(YamlMap& map, const YamlNode& sequence, PluginRequirement& requirement) {
    bool good = true;
    for (const YamlNode* node : maps_of(map, sequence, "alternatives")) {
      std::vector<ContextItem> context = map.context();
      context.push_back({"required plugin versions alternative", "", node->origin});
      YamlMap item(tree_, *node, report_, std::move(context));
      std::optional<PluginRequirement> alternative = read_requirement(item);
      if (!alternative) {
        good = false;
        continue;
      }
      bool twice = alternative->name == requirement.name;
      for (const PluginRequirement& other : requirement.alternatives)
        twice = twice || other.name == alternative->name;
      if (twice) {
        good = false;
        item.fail(node->origin,
                  "plugin '" + alternative->name + "' is named twice in one requirement",
                  "remove one of them", Code::validate);
      }
      requirement.alternatives.push_back(std::move(*alternative));
    }
    return good;
  }

  // The `append` key and the `override` map; false: an error was reported.
  bool read_changes(YamlMap& map, const std::vector<std::string_view>& appendable,
                    const std::vector<std::string_view>& replaceable, bool& append,
                    Overrides& overrides) {
    const std::optional<bool> legacy = map.optional_bool("append");
    if (map.has("append") && !legacy) return false;
    append = legacy.value_or(false);
    if (append)
      map.fail(map.find("append")->origin, "'append: true' is deprecated",
               "write 'override:' with the keys to append, as in 'override: {condition: append}'",
               Code::deprecated_item);
    return read_overrides(map, appendable, replaceable, append, overrides);
  }

  bool read_overrides(YamlMap& map, const std::vector<std::string_view>& appendable,
                      const std::vector<std::string_view>& replaceable, bool append,
                      Overrides& overrides);

  void read_list(YamlMap& map) {
    const std::optional<TextAt> name = map.required_text("list");
    if (!name) return;
    map.push_context({"list", name->text, map.node().origin});
    map.warn_unknown_keys({"list", "items", "append", "override"}, "list '" + name->text + "'");
    if (!is_list_name(name->text))
      map.fail(name->origin, "list has an invalid name '" + name->text + "'",
               "a list's name must not contain spaces, quotes, commas, parentheses or '='",
               Code::invalid_list_name);
    ListEntry entry{*name, map.node().origin, {}, false, {}};
    bool good = read_changes(map, {"items"}, {"items"}, entry.append, entry.overrides);
    std::optional<std::vector<TextAt>> items = map.texts("items", good);
    if (!good || !items) {
      entries_.push_back(BrokenEntry{BrokenEntry::Kind::list, name->text});
      return;
    }
    entry.items = std::move(*items);
    entries_.push_back(std::move(entry));
  }

  void read_macro(YamlMap& map) {
    const std::optional<TextAt> name = map.required_text("macro");
    if (!name) return;
    map.push_context({"macro", name->text, map.node().origin});
    map.warn_unknown_keys({"macro", "condition", "append", "override"},
                          "macro '" + name->text + "'");
    if (!is_macro_name(name->text))
      map.fail(name->origin, "macro has an invalid name '" + name->text + "'",
               "a macro's name consists of letters, digits and '_', and begins with a letter; no "
               "condition can use this one",
               Code::invalid_macro_name);
    MacroEntry entry{*name, map.node().origin, {}, false, {}};
    const bool good =
        read_changes(map, {"condition"}, {"condition"}, entry.append, entry.overrides);
    const YamlNode* condition =
        good || map.has("condition") ? map.required_scalar("condition") : nullptr;
    if (!good || condition == nullptr) {
      entries_.push_back(BrokenEntry{BrokenEntry::Kind::macro, name->text});
      return;
    }
    entry.condition = map_scalar(sources_, *condition);
    entries_.push_back(std::move(entry));
  }

  void read_rule_entry(YamlMap& map) {
    const std::optional<TextAt> name = map.required_text("rule");
    if (!name) return;
    map.push_context({"rule", name->text, map.node().origin});
    bool append = false;
    Overrides overrides;
    const bool good =
        read_changes(map, appendable_rule_keys(), replaceable_rule_keys(), append, overrides);
    std::optional<RuleEntry> entry = read_rule(sources_, map, *name, append, overrides);
    if (good && entry)
      entries_.push_back(std::move(*entry));
    else
      entries_.push_back(BrokenEntry{BrokenEntry::Kind::rule, name->text});
  }

  const Sources& sources_;
  const YamlTree& tree_;
  Report& report_;
  std::vector<Entry> entries_;
};

bool contains(const std::vector<std::string_view>& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

bool EntryReader::read_overrides(YamlMap& map, const std::vector<std::string_view>& appendable,
                                 const std::vector<std::string_view>& replaceable, bool append,
                                 Overrides& overrides) {
  const YamlNode* node = map.find("override");
  if (!overrides_keys(map)) return true;
  if (append) {
    map.fail(node->origin, "keys 'override' and 'append: true' cannot be used together",
             "remove 'append: true'");
    return false;
  }
  if (node->kind != YamlNode::Kind::map) {
    map.fail(node->origin, "the value of 'override' is not a map",
             "write it as {condition: append}");
    return false;
  }
  const std::size_t before = report_.errors();
  for (std::size_t i = 0; i + 1 < node->items.size(); i += 2) {
    const YamlNode& key = tree_.node(node->items[i]);
    const YamlNode& value = tree_.node(node->items[i + 1]);
    const bool to_append = value.value == "append", to_replace = value.value == "replace";
    if (!to_append && !to_replace)
      map.fail(value.origin,
               "invalid override operation '" + value.value + "' for key '" + key.value + "'",
               "the operations are append and replace");
    else if (to_append && !contains(appendable, key.value))
      map.fail(key.origin, "key '" + key.value + "' cannot be appended to",
               contains(replaceable, key.value) ? "use 'replace'" : "remove it from 'override'");
    else if (to_replace && !contains(replaceable, key.value))
      map.fail(key.origin, "key '" + key.value + "' cannot be replaced",
               "remove it from 'override'");
    else if (!map.has(key.value))
      map.fail(key.origin,
               "override names the key '" + key.value + "' but the entry does not have it",
               "add '" + key.value + ":' to the entry or remove it from 'override'");
    else
      overrides[key.value] = to_append ? Operation::append : Operation::replace;
  }
  for (const std::string_view key : replaceable)
    if (const YamlNode* value = map.find(key);
        value != nullptr && tree_.find(*node, key) == nullptr)
      map.fail(value->origin,
               "the entry has the key '" + std::string(key) + "' but 'override' does not name it",
               "add '" + std::string(key) + ": append' or '" + std::string(key) +
                   ": replace' to 'override'");
  return report_.errors() == before;
}

}  // namespace

std::vector<Entry> read_entries(const Sources& sources, const YamlTree& tree, Report& report) {
  return EntryReader(sources, tree, report).run();
}

std::optional<Version> parse_version(std::string_view text) {
  std::array<unsigned, 3> parts{};
  const char* at = text.data();
  const char* const end = text.data() + text.size();
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i != 0 && (at == end || *at++ != '.')) return std::nullopt;
    const auto [stop, error] = std::from_chars(at, end, parts[i]);
    if (error != std::errc() || stop == at) return std::nullopt;
    at = stop;
  }
  // A pre-release suffix or a fourth number after it is not compared.
  return Version{parts[0], parts[1], parts[2]};
}

bool operator<(const Version& a, const Version& b) {
  return std::tie(a.major, a.minor, a.patch) < std::tie(b.major, b.minor, b.patch);
}

}  // namespace saker::lang
