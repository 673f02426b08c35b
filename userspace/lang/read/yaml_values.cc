// SPDX-License-Identifier: Apache-2.0
#include "lang/read/yaml_values.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/nearest.h"

namespace saker::lang {

std::optional<bool> parse_yaml_bool(std::string_view text) {
  struct Word {
    std::string_view lower, upper, capital;
    bool value;
  };
  static constexpr std::array<Word, 8> words = {{{"y", "Y", "Y", true},
                                                 {"yes", "YES", "Yes", true},
                                                 {"true", "TRUE", "True", true},
                                                 {"on", "ON", "On", true},
                                                 {"n", "N", "N", false},
                                                 {"no", "NO", "No", false},
                                                 {"false", "FALSE", "False", false},
                                                 {"off", "OFF", "Off", false}}};
  for (const Word& word : words)
    if (text == word.lower || text == word.upper || text == word.capital) return word.value;
  return std::nullopt;
}

std::optional<std::uint32_t> parse_yaml_unsigned(std::string_view text) {
  if (!text.empty() && text[0] == '+') text.remove_prefix(1);
  int base = 10;
  if (text.size() > 2 && text[0] == '0' && (text[1] | 0x20) == 'x') {
    base = 16;
    text.remove_prefix(2);
  } else if (text.size() > 1 && text[0] == '0') {
    base = 8;
  }
  std::uint32_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number, base);
  if (error != std::errc() || stop != end) return std::nullopt;
  return number;
}

void YamlMap::fail(const SourcePlace& at, std::string message, std::string hint, Code code) {
  report_.add({code, at, std::move(message), std::move(hint), context_, {}});
}

void YamlMap::fail_value(const YamlNode& value, std::string_view key, std::string message,
                         std::string hint) {
  context_.push_back({"value for", std::string(key), value.origin});
  fail(value.origin, std::move(message), std::move(hint));
  context_.pop_back();
}

const YamlNode* YamlMap::required_scalar(std::string_view key) {
  const std::string name(key);
  const YamlNode* value = find(key);
  if (value == nullptr) {
    fail(map_.origin, "item has no mapping for key '" + name + "'",
         "add '" + name + ":' to this entry");
    return nullptr;
  }
  if (value->kind == YamlNode::Kind::null) {
    fail_value(*value, key, "the mapping for key '" + name + "' is empty",
               "give '" + name + ":' a value");
    return nullptr;
  }
  if (value->kind != YamlNode::Kind::scalar) {
    fail_value(*value, key, "the value of '" + name + "' is not a scalar",
               "'" + name + "' takes one text, not a list or a map");
    return nullptr;
  }
  if (value->value.empty()) {
    fail_value(*value, key, "the value of '" + name + "' must be non-empty");
    return nullptr;
  }
  return value;
}

std::optional<TextAt> YamlMap::required_text(std::string_view key) {
  const YamlNode* value = required_scalar(key);
  if (value == nullptr) return std::nullopt;
  return TextAt{value->value, value->origin};
}

std::optional<TextAt> YamlMap::optional_text(std::string_view key) {
  return has(key) ? required_text(key) : std::nullopt;
}

std::optional<bool> YamlMap::optional_bool(std::string_view key) {
  if (!has(key)) return std::nullopt;
  const YamlNode* value = required_scalar(key);
  if (value == nullptr) return std::nullopt;
  const std::optional<bool> truth = parse_yaml_bool(value->value);
  if (!truth)
    fail_value(*value, key,
               "cannot decode '" + value->value + "' as the value of '" + std::string(key) + "'",
               "write true or false");
  return truth;
}

std::optional<std::uint32_t> YamlMap::optional_unsigned(std::string_view key) {
  if (!has(key)) return std::nullopt;
  const YamlNode* value = required_scalar(key);
  if (value == nullptr) return std::nullopt;
  const std::optional<std::uint32_t> number = parse_yaml_unsigned(value->value);
  if (number) return number;
  fail_value(*value, key,
             "cannot decode '" + value->value + "' as the value of '" + std::string(key) + "'",
             "write a whole number from 0 to 4294967295");
  return std::nullopt;
}

std::optional<std::vector<TextAt>> YamlMap::texts(std::string_view key, bool required) {
  const YamlNode* value = find(key);
  if (value == nullptr) {
    if (required)
      fail(map_.origin, "item has no mapping for key '" + std::string(key) + "'",
           "add '" + std::string(key) + ": [...]' to this entry");
    return std::nullopt;
  }
  if (value->kind != YamlNode::Kind::sequence) {
    fail_value(*value, key, "the value of '" + std::string(key) + "' is not a sequence",
               "write it as [a, b] or one '- a' per line");
    return std::nullopt;
  }
  return texts_of(*value, key);
}

std::optional<std::vector<TextAt>> YamlMap::texts_of(const YamlNode& sequence,
                                                     std::string_view key) {
  std::vector<TextAt> texts;
  texts.reserve(sequence.items.size());
  bool good = true;
  for (const std::uint32_t id : sequence.items) {
    const YamlNode& item = tree_.node(id);
    if (item.kind == YamlNode::Kind::scalar) {
      texts.push_back({item.value, item.origin});
      continue;
    }
    good = false;
    fail(item.origin, "an element of '" + std::string(key) + "' is not a scalar",
         item.kind == YamlNode::Kind::null ? "quote it if it is meant as text, remove it otherwise"
                                           : "it takes plain texts");
  }
  if (!good) return std::nullopt;
  return texts;
}

void YamlMap::warn_unknown_keys(const std::vector<std::string_view>& known, std::string_view item) {
  constexpr std::size_t most_unknown_keys = 50;
  std::size_t reported = 0;
  for (std::size_t i = 0; i + 1 < map_.items.size() && reported < most_unknown_keys; i += 2) {
    const YamlNode& key = tree_.node(map_.items[i]);
    if (std::find(known.begin(), known.end(), key.value) != known.end() &&
        key.kind == YamlNode::Kind::scalar)
      continue;
    ++reported;
    Nearest nearest(key.value);
    for (const std::string_view name : known) nearest.offer(name);
    std::string hint = nearest.best().empty()
                           ? "it is ignored; remove it"
                           : "did you mean '" + std::string(nearest.best()) + "'?";
    fail(key.origin, "unknown key '" + key.value + "' in " + std::string(item), std::move(hint),
         Code::unknown_key);
  }
}

}  // namespace saker::lang
