// SPDX-License-Identifier: Apache-2.0
#include "service/config/override.h"

#include <yaml-cpp/yaml.h>

#include <charconv>
#include <memory>
#include <utility>

#include "service/config/text.h"

namespace saker::service {
namespace {

constexpr std::size_t most_steps = 16, most_nodes = 10'000;
constexpr unsigned deepest = 32;

bool ends_name(char c) { return c == '.' || c == '[' || c == ']'; }

// The number in [N], or an empty bracket.
Result<KeyStep> bracketed(std::string_view inside) {
  KeyStep step;
  step.kind = inside.empty() ? KeyStep::Kind::append : KeyStep::Kind::index;
  if (inside.empty()) return step;
  const auto [end, error] =
      std::from_chars(inside.data(), inside.data() + inside.size(), step.index);
  if (error != std::errc() || end != inside.data() + inside.size())
    return Error{"[" + std::string(inside) + "] is not a number"};
  return step;
}

// Converts YAML to TOML nodes. Scalars are text; a tree that is too deep or too large throws YAML's
// own exception.
class FromYaml {
 public:
  OverrideValue convert(const YAML::Node& node, unsigned depth) {
    if (depth > deepest || ++nodes_ > most_nodes) throw YAML::Exception(node.Mark(), "too large");
    if (node.IsSequence()) {
      toml::array array;
      for (const YAML::Node& item : node)
        std::visit([&](auto&& value) { array.push_back(std::move(value)); },
                   convert(item, depth + 1));
      return array;
    }
    if (node.IsMap()) {
      toml::table table;
      for (const auto& pair : node)
        std::visit(
            [&](auto&& value) { table.insert_or_assign(pair.first.Scalar(), std::move(value)); },
            convert(pair.second, depth + 1));
      return table;
    }
    return node.IsScalar() ? node.Scalar() : std::string();
  }

 private:
  std::size_t nodes_ = 0;
};

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// "a.b[0]", up to this step.
std::string written(const KeyPath& path, std::size_t steps) {
  std::string text;
  for (std::size_t i = 0; i < steps; i++) {
    const KeyStep& step = path[i];
    if (step.kind == KeyStep::Kind::name)
      text += (text.empty() ? "" : ".") + step.name;
    else
      text += step.kind == KeyStep::Kind::append ? "[]" : "[" + std::to_string(step.index) + "]";
  }
  return text;
}

// Adds missing elements to the container that a step refers to.
class Editor {
 public:
  explicit Editor(const KeyPath& path) : path_(path) {}

  Result<void> set(toml::table& tree, OverrideValue value) {
    toml::node* at = &tree;
    for (std::size_t i = 0; i + 1 < path_.size(); i++) {
      Result<toml::node*> next = descend(*at, i);
      if (!next) return next.error();
      at = *next;
    }
    return put(*at, path_.size() - 1, std::move(value));
  }

 private:
  Error in_the_way(std::size_t step, const char* is, const std::string& hint) const {
    return {written(path_, step) + " is " + is + hint};
  }

  // The list for a bracket; for [N] it must have that entry, or end directly before it.
  Result<toml::array*> list_at(toml::node& at, std::size_t step) const {
    toml::array* array = at.as_array();
    if (!array) return in_the_way(step, "no list", ": leave " + written({path_[step]}, 1) + " out");
    if (path_[step].kind == KeyStep::Kind::index && path_[step].index > array->size())
      return in_the_way(step, "a list",
                        " of " + std::to_string(array->size()) + ": [] appends an entry");
    return array;
  }

  Result<void> put(toml::node& at, std::size_t step, OverrideValue value) const {
    if (path_[step].kind == KeyStep::Kind::name) {
      toml::table* table = at.as_table();
      if (!table) return in_the_way(step, "no section", ": it has no keys");
      std::visit([&](auto&& v) { table->insert_or_assign(path_[step].name, std::move(v)); },
                 std::move(value));
      return {};
    }
    Result<toml::array*> array = list_at(at, step);
    if (!array) return array.error();
    const std::size_t index = path_[step].index;
    const bool more = path_[step].kind == KeyStep::Kind::append || index == (*array)->size();
    std::visit(
        [&](auto&& v) {
          if (more)
            (*array)->push_back(std::move(v));
          else
            (*array)->replace((*array)->cbegin() + static_cast<std::ptrdiff_t>(index),
                              std::move(v));
        },
        std::move(value));
    return {};
  }

  // The node that the step refers to; made if it is missing, with the kind that the next step
  // needs.
  Result<toml::node*> descend(toml::node& at, std::size_t step) const {
    const bool wants_table = path_[step + 1].kind == KeyStep::Kind::name;
    if (toml::node* there = find(at, step)) return there;
    OverrideValue fresh;
    if (wants_table)
      fresh = toml::table();
    else
      fresh = toml::array();
    if (Result<void> made = put(at, step, std::move(fresh)); !made) return made.error();
    if (path_[step].kind == KeyStep::Kind::name) return at.as_table()->get(path_[step].name);
    return at.as_array()->get(at.as_array()->size() - 1);
  }

  toml::node* find(toml::node& at, std::size_t step) const {
    const KeyStep& wanted = path_[step];
    if (wanted.kind == KeyStep::Kind::name)
      return at.as_table() ? at.as_table()->get(wanted.name) : nullptr;
    if (wanted.kind == KeyStep::Kind::append || !at.as_array()) return nullptr;
    return at.as_array()->get(wanted.index);
  }

  const KeyPath& path_;
};

}  // namespace

Result<KeyPath> parse_key_path(std::string_view key) {
  KeyPath path;
  for (std::size_t at = 0; at < key.size() || path.empty();) {
    if (path.size() == most_steps) return Error{"has too many parts"};
    if (at < key.size() && key[at] == '[' && !path.empty()) {
      const std::size_t close = key.find(']', at);
      if (close == key.npos) return Error{"has a [ without its ]"};
      Result<KeyStep> step = bracketed(key.substr(at + 1, close - at - 1));
      if (!step) return step.error();
      path.push_back(std::move(*step));
      at = close + 1;
      continue;
    }
    if (!path.empty() && key[at] != '.')
      return Error{"needs a dot before \"" + std::string(key.substr(at)) + "\""};
    if (!path.empty()) at++;
    std::size_t end = at;
    while (end < key.size() && !ends_name(key[end])) end++;
    if (end == at) return Error{"contains an empty name"};
    path.push_back({KeyStep::Kind::name, std::string(key.substr(at, end - at)), 0});
    at = end;
  }
  return path;
}

OverrideValue parse_override_value(std::string_view text) {
  const std::string_view value = trimmed(text);
  // Anything else is literal text. It is parsed as one line, so that it cannot contain another key.
  const bool toml = !value.empty() && std::string_view("[{\"'").find(value[0]) != value.npos &&
                    !stray_character(value);
  toml::parse_result parsed = toml::parse(toml ? "x = " + std::string(value) : std::string());
  toml::node* node = parsed && parsed.table().size() == 1 ? parsed.table().get("x") : nullptr;
  if (node) {
    if (toml::array* array = node->as_array()) return std::move(*array);
    if (toml::table* table = node->as_table()) return std::move(*table);
    if (const auto* string = node->as_string()) return string->get();
  }
  const bool flow = !value.empty() && (value[0] == '{' || value[0] == '[');
  if (!flow) return std::string(value);
  try {
    const YAML::Node yaml = YAML::Load(std::string(value));
    return FromYaml().convert(yaml, 0);
  } catch (const YAML::Exception&) {
    return std::string(value);
  }
}

Result<void> set_in_tree(toml::table& tree, const KeyPath& path, OverrideValue value) {
  return Editor(path).set(tree, std::move(value));
}

}  // namespace saker::service
