// SPDX-License-Identifier: Apache-2.0
#include <unordered_set>

#include "lang/read/read_rule.h"

namespace saker::lang {
namespace {

bool check_filled(YamlMap& map, const std::vector<TextAt>& texts) {
  bool good = true;
  for (const TextAt& text : texts) {
    if (!text.text.empty()) continue;
    good = false;
    map.fail(text.origin, "a value of an exception must be non-empty",
             "remove it; an empty text is written '\"\"', with both kinds of quotes");
  }
  return good;
}

// Whether the key has a value: null or [] count as absent.
bool has_texts(const YamlMap& map, std::string_view key) {
  const YamlNode* node = map.find(key);
  if (node == nullptr || node->kind == YamlNode::Kind::null) return false;
  return node->kind != YamlNode::Kind::sequence || !node->items.empty();
}

// One text or a sequence of texts; false: an error was reported.
bool read_text_or_list(YamlMap& map, std::string_view key, std::vector<TextAt>& to, bool& scalar) {
  const YamlNode* node = map.find(key);
  if (node->kind == YamlNode::Kind::sequence) {
    scalar = false;
    std::optional<std::vector<TextAt>> texts = map.texts_of(*node, key);
    if (texts) to = std::move(*texts);
    return texts.has_value() && check_filled(map, to);
  }
  scalar = true;
  const std::optional<TextAt> text = map.required_text(key);
  if (text) to.push_back(*text);
  return text.has_value();
}

// One component of a tuple: a scalar or a list of scalars.
bool read_value(YamlMap& map, const YamlNode& node, ExceptionEntry::Value& value) {
  value.origin = node.origin;
  if (node.kind == YamlNode::Kind::scalar) {
    value.items.push_back({node.value, node.origin});
    return check_filled(map, value.items);
  }
  if (node.kind != YamlNode::Kind::sequence) {
    map.fail(node.origin, "an exception value is neither a text nor a list of texts",
             "quote it if it is meant as text");
    return false;
  }
  value.list = true;
  std::optional<std::vector<TextAt>> items = map.texts_of(node, "values");
  if (items) value.items = std::move(*items);
  return items.has_value() && check_filled(map, value.items);
}

bool read_tuple(YamlMap& map, const YamlNode& node, ExceptionEntry::Tuple& tuple) {
  tuple.origin = node.origin;
  tuple.scalar = node.kind != YamlNode::Kind::sequence;
  if (tuple.scalar) return read_value(map, node, tuple.values.emplace_back());
  bool good = true;
  for (const std::uint32_t id : node.items)
    good = read_value(map, map.tree().node(id), tuple.values.emplace_back()) && good;
  return good;
}

bool read_values(YamlMap& map, ExceptionEntry& entry) {
  const YamlNode* node = map.find("values");
  if (node == nullptr) return true;
  entry.has_values = true;
  if (node->kind != YamlNode::Kind::sequence) {
    map.fail(node->origin, "the value of 'values' is not a sequence",
             "write one '- [a, b]' per tuple, [] for none");
    return false;
  }
  bool good = true;
  entry.values.reserve(node->items.size());
  for (const std::uint32_t id : node->items)
    good = read_tuple(map, map.tree().node(id), entry.values.emplace_back()) && good;
  return good;
}

bool read_exception(YamlMap& map, ExceptionEntry& entry, bool append) {
  const std::optional<TextAt> name = map.required_text("name");
  if (!name) return false;
  entry.name = *name;
  map.push_context({"exception", name->text, map.node().origin});
  map.warn_unknown_keys({"name", "fields", "comps", "values"}, "exception '" + name->text + "'");
  bool good = true;
  entry.has_fields = has_texts(map, "fields");
  entry.has_comps = has_texts(map, "comps");
  if (!entry.has_fields && !append) {
    const bool empty = map.has("fields");
    map.fail(map.node().origin,
             empty ? "the exception names no fields" : "item has no mapping for key 'fields'",
             "name the field or fields of the values",
             empty ? Code::validate : Code::yaml_validate);
    good = false;
  }
  if (entry.has_fields)
    good = read_text_or_list(map, "fields", entry.fields, entry.scalar_fields) && good;
  if (entry.has_comps)
    good = read_text_or_list(map, "comps", entry.comps, entry.scalar_comps) && good;
  good = read_values(map, entry) && good;
  if (append && !entry.has_values)
    map.fail(map.node().origin, "exception '" + name->text + "' is appended without values",
             "add 'values:' or remove it", Code::append_no_values);
  return good;
}

}  // namespace

std::optional<std::vector<ExceptionEntry>> read_exceptions(const YamlMap& rule,
                                                           const YamlNode& node, bool append) {
  std::vector<ContextItem> context = rule.context();
  context.push_back({"exceptions", "", node.origin});
  YamlMap outer(rule.tree(), rule.node(), rule.report(), context);
  if (node.kind != YamlNode::Kind::sequence) {
    outer.fail(node.origin, "rule exceptions must be a sequence",
               "begin every exception with '- name:'");
    return std::nullopt;
  }
  bool good = true;
  std::vector<ExceptionEntry> entries;
  std::unordered_set<std::string> names;
  for (const std::uint32_t id : node.items) {
    const YamlNode& item = rule.tree().node(id);
    if (item.kind != YamlNode::Kind::map) {
      outer.fail(item.origin, "rule exception must be a map", "begin it with '- name:'");
      good = false;
      continue;
    }
    YamlMap map(rule.tree(), item, rule.report(), context);
    ExceptionEntry entry;
    good = read_exception(map, entry, append) && good;
    if (!entry.name.text.empty() && !names.insert(entry.name.text).second)
      map.fail(entry.name.origin,
               "multiple definitions of exception '" + entry.name.text + "' in the same rule",
               "give each its own name", Code::exception_name_not_unique);
    entries.push_back(std::move(entry));
  }
  if (!good) return std::nullopt;
  return entries;
}

}  // namespace saker::lang
