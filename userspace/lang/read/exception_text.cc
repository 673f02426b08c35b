// SPDX-License-Identifier: Apache-2.0
#include "lang/read/exception_text.h"

#include <algorithm>
#include <cctype>

#include "lang/print.h"

namespace saker::lang {
namespace {

// In single quotes, YAML takes every character literally except the quote.
std::string yaml_quoted(std::string_view text) {
  std::string out = "'";
  for (char c : text) {
    if (c == '\'') out += '\'';
    out += c;
  }
  return out + "'";
}

// Neither YAML nor the language gives its characters a special meaning.
bool plain(std::string_view value) {
  bool letters =
      std::any_of(value.begin(), value.end(), [](unsigned char c) { return std::isalpha(c); });
  return letters && (std::isalpha(static_cast<unsigned char>(value[0])) || value[0] == '/') &&
         std::all_of(value.begin(), value.end(), [](unsigned char c) {
           return std::isalnum(c) || c == '/' || c == '.' || c == '_' || c == '-' || c == '+';
         });
}

std::string value_text(std::string_view value) {
  constexpr std::string_view words[] = {"true", "false", "yes", "no", "null", "on", "off"};
  bool word = std::find(std::begin(words), std::end(words), value) != std::end(words);
  if (plain(value) && !word) return std::string(value);
  std::string constant = print_constant(value);
  // A value that contains a space, or begins with a quote, is quoted as the language requires.
  if (constant.empty() || constant[0] != '"') constant = '"' + constant + '"';
  return yaml_quoted(constant);
}

std::string list_of(const std::vector<std::string>& items) {
  std::string text = "[";
  for (std::size_t i = 0; i < items.size(); i++) text += (i ? ", " : "") + items[i];
  return text + "]";
}

bool takes_list(std::string_view comp) {
  return comp == "in" || comp == "pmatch" || comp == "intersects";
}

}  // namespace

bool writable(std::string_view value) {
  for (std::size_t i = 0; i < value.size();) {
    auto c = static_cast<unsigned char>(value[i]);
    std::size_t length = c < 0x80                ? 1
                         : c >= 0xc2 && c < 0xe0 ? 2
                         : c >= 0xe0 && c < 0xf0 ? 3
                         : c >= 0xf0 && c < 0xf5 ? 4
                                                 : 0;
    if (length == 0 || i + length > value.size()) return false;
    for (std::size_t k = 1; k < length; k++)
      if ((static_cast<unsigned char>(value[i + k]) & 0xc0) != 0x80) return false;
    i += length;
  }
  return true;
}

std::string exception_yaml(const NewException& exception) {
  std::string text = "- rule: " + yaml_quoted(exception.rule) +
                     "\n  exceptions:\n    - name: " + exception.name +
                     "\n      fields: " + list_of(exception.fields);
  std::vector<std::string> comps;
  for (const std::string& comp : exception.comps) comps.push_back(comp == "=" ? "'='" : comp);
  text += "\n      comps: " + list_of(comps) + "\n      values:\n";
  for (const std::vector<std::vector<std::string>>& tuple : exception.values) {
    std::vector<std::string> entries;
    for (std::size_t i = 0; i < tuple.size(); i++) {
      std::vector<std::string> items;
      for (const std::string& item : tuple[i]) items.push_back(value_text(item));
      entries.push_back(takes_list(exception.comps[i]) ? list_of(items) : items.at(0));
    }
    text += "        - " + list_of(entries) + "\n";
  }
  return text + "  override:\n    exceptions: append\n";
}

}  // namespace saker::lang
