// SPDX-License-Identifier: Apache-2.0
#include "service/config/text.h"

#include <cstdlib>
#include <string>

namespace saker::service {
namespace {

// The position after the string that begins at `at`, or the end of the text.
std::size_t behind_string(std::string_view text, std::size_t at) {
  const char quote = text[at];
  const std::string_view three = quote == '"' ? "\"\"\"" : "'''";
  const bool several_lines = text.substr(at).starts_with(three);
  for (at += several_lines ? 3 : 1; at < text.size(); at++) {
    if (quote == '"' && text[at] == '\\')
      at++;
    else if (!several_lines && (text[at] == quote || text[at] == '\n'))
      return at + 1;
    else if (several_lines && text.substr(at).starts_with(three))
      return at + 3;
  }
  return text.size();
}

}  // namespace

std::optional<std::size_t> stray_character(std::string_view text) {
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
  std::string open;  // brackets that are open here
  for (std::size_t at = text.starts_with(byte_order_mark) ? byte_order_mark.size() : 0;
       at < text.size();) {
    if (text[at] == '"' || text[at] == '\'') {
      at = behind_string(text, at);
    } else if (text[at] == '#') {
      at = text.find('\n', at);
      if (at == text.npos) break;
    } else if (static_cast<unsigned char>(text[at]) >= 0x80) {
      return at;
    } else {
      const char c = text[at];
      const char begin = c == '}' ? '{' : c == ']' ? '[' : 0;
      if (begin && (open.empty() || open.back() != begin)) return at;
      if (begin) open.pop_back();
      if (c == '{' || c == '[') open += c;
      at++;
    }
  }
  return std::nullopt;
}

std::string expand_environment(std::string_view text, std::vector<std::string>& unset) {
  std::string out;
  while (!text.empty()) {
    const std::size_t begin = text.find("${");
    const std::size_t end = begin == text.npos ? text.npos : text.find('}', begin);
    if (end == text.npos) break;
    const std::string name(text.substr(begin + 2, end - begin - 2));
    if (begin > 0 && text[begin - 1] == '$') {
      out.append(text.substr(0, begin - 1)).append("${").append(name).append("}");
    } else {
      out.append(text.substr(0, begin));
      const char* value = std::getenv(name.c_str());
      if (value)
        out += value;
      else
        unset.push_back(name);
    }
    text.remove_prefix(end + 1);
  }
  return out.append(text);
}

}  // namespace saker::service
