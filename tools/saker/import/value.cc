// SPDX-License-Identifier: Apache-2.0
#include "value.h"

#include <algorithm>
#include <cctype>
#include <cstdio>

#include "lang/read/yaml_values.h"

namespace saker::cli {
namespace {

constexpr unsigned deepest = 16;
constexpr std::size_t most_nodes = 20'000, long_line = 80;

// Those of YAML's numbers that TOML reads in the same way, with the digit before the point that
// TOML requires. "": it is not a number.
std::string as_number(std::string_view text) {
  const bool minus = text.starts_with('-');
  std::string_view digits = text.substr(minus ? 1 : 0);
  const std::size_t point = digits.find('.');
  const std::string_view whole = digits.substr(0, point);
  const std::string_view part = point == digits.npos ? "" : digits.substr(point + 1);
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (!std::ranges::all_of(whole, is_digit) || !std::ranges::all_of(part, is_digit)) return "";
  if ((whole.empty() && part.empty()) || whole.size() > 18 || part.size() > 18) return "";
  if (whole.size() > 1 && whole[0] == '0') return "";
  std::string out = minus ? "-" : "";
  out += whole.empty() ? "0" : whole;
  if (point != digits.npos) out.append(".").append(part.empty() ? "0" : part);
  return out;
}

std::string scalar(const std::string& text, bool texts) {
  if (texts) return toml_string(text);
  if (const std::optional<bool> truth = lang::parse_yaml_bool(text))
    return *truth ? "true" : "false";
  const std::string number = as_number(text);
  return number.empty() ? toml_string(text) : number;
}

class Writer {
 public:
  Writer(const lang::YamlTree& tree, bool texts) : tree_(tree), texts_(texts) {}

  Result<std::string> write(const lang::YamlNode& node, unsigned depth) {
    using Kind = lang::YamlNode::Kind;
    if (depth > deepest || ++nodes_ > most_nodes) return Error{"is nested too deeply, or too long"};
    switch (node.kind) {
      case Kind::null: return std::string("\"\"");
      case Kind::scalar: return scalar(node.value, texts_);
      case Kind::sequence: return sequence(node, depth);
      default: return map(node, depth);
    }
  }

 private:
  Result<std::string> sequence(const lang::YamlNode& node, unsigned depth) {
    std::string line, lines;
    for (const std::uint32_t id : node.items) {
      Result<std::string> item = write(tree_.node(id), depth + 1);
      if (!item) return item.error();
      line += (line.empty() ? "" : ", ") + *item;
      lines += "  " + *item + ",\n";
    }
    // Inside { } a value must be on one line.
    const bool broken = depth == 0 && node.items.size() > 1 && line.size() > long_line;
    return broken ? "[\n" + lines + "]" : "[" + line + "]";
  }

  Result<std::string> map(const lang::YamlNode& node, unsigned depth) {
    std::string out;
    for (std::size_t i = 0; i + 1 < node.items.size(); i += 2) {
      Result<std::string> value = write(tree_.node(node.items[i + 1]), depth + 1);
      if (!value) return value.error();
      out += (out.empty() ? "" : ", ") + toml_key(tree_.node(node.items[i]).value) + " = " + *value;
    }
    return out.empty() ? "{ }" : "{ " + out + " }";
  }

  const lang::YamlTree& tree_;
  const bool texts_;
  std::size_t nodes_ = 0;
};

}  // namespace

std::string toml_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.append("\\").push_back(c);
    } else if (byte < 0x20 || byte == 0x7f) {
      char escaped[8];
      std::snprintf(escaped, sizeof(escaped), "\\u%04x", byte);
      out += escaped;
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string toml_key(std::string_view name) {
  const bool bare = !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c == '-';
  });
  return bare ? std::string(name) : toml_string(name);
}

Result<std::string> toml_value(const lang::YamlTree& tree, const lang::YamlNode& node, bool texts) {
  return Writer(tree, texts).write(node, 0);
}

}  // namespace saker::cli
