// SPDX-License-Identifier: Apache-2.0
#include "lang/read/read_rule.h"

#include <algorithm>
#include <utility>

namespace saker::lang {
namespace {

const std::vector<std::string_view> rule_keys = {"rule",
                                                 "condition",
                                                 "output",
                                                 "desc",
                                                 "priority",
                                                 "source",
                                                 "enabled",
                                                 "tags",
                                                 "warn_evttypes",
                                                 "skip-if-unknown-filter",
                                                 "exceptions",
                                                 "capture",
                                                 "capture_duration",
                                                 "append",
                                                 "override"};

class RuleReader {
 public:
  RuleReader(const Sources& sources, YamlMap& map, const TextAt& name, bool append,
             const Overrides& overrides)
      : sources_(sources), map_(map) {
    entry_.name = name;
    entry_.origin = map.node().origin;
    entry_.append = append;
    entry_.overrides = overrides;
  }

  std::optional<RuleEntry> run() {
    map_.warn_unknown_keys(rule_keys, "rule '" + entry_.name.text + "'");
    if (overrides_keys(map_))
      read_all();
    else if (entry_.append)
      read_appended();
    else if (is_toggle())
      read_toggle();
    else
      read_definition();
    if (!good_) return std::nullopt;
    return std::move(entry_);
  }

 private:
  bool is_toggle() const {
    return !map_.has("condition") && !map_.has("output") && !map_.has("desc") &&
           !map_.has("priority");
  }

  template <typename T>
  void keep(std::string_view key, std::optional<T>& to, std::optional<T> value) {
    if (!value && map_.has(key)) good_ = false;
    to = std::move(value);
  }

  void read_mapped(std::string_view key, std::optional<MappedText>& to) {
    if (const YamlNode* value = map_.required_scalar(key))
      to = map_scalar(sources_, *value);
    else
      good_ = false;
  }

  void read_priority() {
    const std::optional<TextAt> text = map_.required_text("priority");
    if (text) entry_.priority = parse_priority(text->text);
    if (entry_.priority) return;
    good_ = false;
    if (!text) return;
    map_.push_context({"rule priority", "", text->origin});
    map_.fail(text->origin, "invalid priority '" + text->text + "'",
              "priorities are Emergency, Alert, Critical, Error, Warning, Notice, Informational "
              "and Debug");
    map_.pop_context();
  }

  void read_tags() {
    if (!map_.has("tags")) return;
    const std::optional<std::vector<TextAt>> tags = map_.texts("tags", true);
    good_ = good_ && tags.has_value();
    if (!tags) return;
    entry_.tags.emplace();
    for (const TextAt& tag : *tags) entry_.tags->push_back(tag.text);
  }

  void read_exceptions_key(bool append) {
    const YamlNode* node = map_.find("exceptions");
    if (node == nullptr || node->kind == YamlNode::Kind::null) return;
    entry_.exceptions = read_exceptions(map_, *node, append);
    good_ = good_ && entry_.exceptions.has_value();
  }

  // Keys that are always optional.
  void read_options() {
    keep("enabled", entry_.enabled, map_.optional_bool("enabled"));
    keep("warn_evttypes", entry_.warn_evttypes, map_.optional_bool("warn_evttypes"));
    keep("skip-if-unknown-filter", entry_.skip_if_unknown_filter,
         map_.optional_bool("skip-if-unknown-filter"));
    keep("capture", entry_.capture, map_.optional_bool("capture"));
    keep("capture_duration", entry_.capture_duration_ms,
         map_.optional_unsigned("capture_duration"));
    read_tags();
  }

  void read_source(bool may_be_empty) {
    const YamlNode* node = map_.find("source");
    if (node == nullptr) return;
    const bool empty = node->kind == YamlNode::Kind::null ||
                       (node->kind == YamlNode::Kind::scalar && node->value.empty());
    if (may_be_empty && empty) return;
    keep("source", entry_.source, map_.required_text("source"));
  }

  // An error in one key does not prevent reading the others.
  void read_definition() {
    read_mapped("condition", entry_.condition);
    read_mapped("output", entry_.output);
    keep("desc", entry_.desc, map_.required_text("desc"));
    good_ = good_ && entry_.desc;
    read_priority();
    read_source(false);
    read_options();
    read_exceptions_key(false);
    entry_.broken = !good_;
    good_ = entry_.condition.has_value();
  }

  // With `override`: reads all keys; the collector uses those that are named.
  void read_all() {
    if (map_.has("condition")) read_mapped("condition", entry_.condition);
    if (map_.has("output")) read_mapped("output", entry_.output);
    if (map_.has("desc")) keep("desc", entry_.desc, map_.required_text("desc"));
    if (map_.has("priority")) read_priority();
    read_source(true);
    read_options();
    const auto named = entry_.overrides.find("exceptions");
    read_exceptions_key(named != entry_.overrides.end() && named->second == Operation::append);
  }

  void read_appended() {
    if (map_.has("condition")) read_mapped("condition", entry_.condition);
    read_source(true);
    read_exceptions_key(true);
    if (entry_.condition || entry_.exceptions || !good_) return;
    good_ = false;
    map_.fail(entry_.origin, "an appended rule must have 'condition' or 'exceptions'",
              "add what to append, or use 'override' to change other keys", Code::validate);
  }

  void read_toggle() {
    if (!map_.has("enabled")) {
      good_ = false;
      std::string missing;
      for (const std::string_view key : {"condition", "output", "desc", "priority"})
        missing += " " + std::string(key) + ",";
      missing.pop_back();
      map_.fail(
          entry_.origin, "item has no mapping for key 'enabled'",
          "a rule needs" + missing +
              "; an entry with none of them enables or disables an earlier rule by 'enabled'");
      return;
    }
    keep("enabled", entry_.enabled, map_.optional_bool("enabled"));
    map_.fail(map_.find("enabled")->origin, "an entry with 'enabled' alone is deprecated",
              "add 'override: {enabled: replace}'", Code::deprecated_item);
  }

  const Sources& sources_;
  YamlMap& map_;
  RuleEntry entry_;
  bool good_ = true;
};

}  // namespace

const std::vector<std::string_view>& appendable_rule_keys() {
  static const std::vector<std::string_view> keys = {"condition", "output", "desc", "tags",
                                                     "exceptions"};
  return keys;
}

const std::vector<std::string_view>& replaceable_rule_keys() {
  static const std::vector<std::string_view> keys = {"condition",
                                                     "output",
                                                     "desc",
                                                     "priority",
                                                     "capture",
                                                     "capture_duration",
                                                     "tags",
                                                     "exceptions",
                                                     "enabled",
                                                     "warn_evttypes",
                                                     "skip-if-unknown-filter"};
  return keys;
}

bool overrides_keys(const YamlMap& map) {
  const YamlNode* node = map.find("override");
  if (node == nullptr || node->kind == YamlNode::Kind::null) return false;
  return node->kind != YamlNode::Kind::map || !node->items.empty();
}

std::optional<RuleEntry> read_rule(const Sources& sources, YamlMap& map, const TextAt& name,
                                   bool append, const Overrides& overrides) {
  return RuleReader(sources, map, name, append, overrides).run();
}

}  // namespace saker::lang
