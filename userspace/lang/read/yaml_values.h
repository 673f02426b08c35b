// SPDX-License-Identifier: Apache-2.0
// Values of a map in a rule file, with Falco's requirements; every failure is reported and returns
// nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lang/read/entries.h"
#include "lang/read/yaml_tree.h"
#include "lang/report.h"

namespace saker::lang {

// One map of a file being read, with its path from the root.
class YamlMap {
 public:
  YamlMap(const YamlTree& tree, const YamlNode& map, Report& report,
          std::vector<ContextItem> context)
      : tree_(tree), map_(map), report_(report), context_(std::move(context)) {}

  const YamlTree& tree() const { return tree_; }
  const YamlNode& node() const { return map_; }
  const std::vector<ContextItem>& context() const { return context_; }
  Report& report() const { return report_; }
  void push_context(ContextItem item) { context_.push_back(std::move(item)); }
  void pop_context() { context_.pop_back(); }

  const YamlNode* find(std::string_view key) const { return tree_.find(map_, key); }
  bool has(std::string_view key) const { return find(key) != nullptr; }

  // Required: present, not null, a scalar, not empty.
  const YamlNode* required_scalar(std::string_view key);
  std::optional<TextAt> required_text(std::string_view key);
  // Optional: returns nothing, without a report, if the key is absent.
  std::optional<TextAt> optional_text(std::string_view key);
  std::optional<bool> optional_bool(std::string_view key);
  std::optional<std::uint32_t> optional_unsigned(std::string_view key);
  // A sequence of scalars.
  std::optional<std::vector<TextAt>> texts(std::string_view key, bool required);
  std::optional<std::vector<TextAt>> texts_of(const YamlNode& sequence, std::string_view key);

  // Warns about every key that is not in the list.
  void warn_unknown_keys(const std::vector<std::string_view>& known, std::string_view item);

  void fail(const SourcePlace& at, std::string message, std::string hint = {},
            Code code = Code::yaml_validate);
  // An error about the value of a key; the key becomes the last step of the path.
  void fail_value(const YamlNode& value, std::string_view key, std::string message,
                  std::string hint = {});

 private:
  const YamlTree& tree_;
  const YamlNode& map_;
  Report& report_;
  std::vector<ContextItem> context_;
};

std::optional<bool> parse_yaml_bool(std::string_view text);
// Decimal, 0x for hexadecimal, 0 for octal.
std::optional<std::uint32_t> parse_yaml_unsigned(std::string_view text);

}  // namespace saker::lang
