// SPDX-License-Identifier: Apache-2.0
#include "lang/diagnostic.h"

#include <array>

#include "lang/snippet.h"

namespace saker::lang {
namespace {

struct CodeText {
  std::string_view name, title;
};

// In the order of Code.
constexpr std::array<CodeText, 22> texts = {{
    {"LOAD_ERR_FILE_READ", "File read error"},
    {"LOAD_ERR_YAML_PARSE", "YAML parse error"},
    {"LOAD_ERR_YAML_VALIDATE", "Error validating internal structure of YAML file"},
    {"LOAD_ERR_COMPILE_CONDITION", "Error compiling condition"},
    {"LOAD_ERR_COMPILE_OUTPUT", "Error compiling output"},
    {"LOAD_ERR_VALIDATE", "Error validating rule/macro/list/exception objects"},
    {"LOAD_ERR_EXTENSION", "Error in extension item"},
    {"LOAD_UNKNOWN_SOURCE", "Unknown event source"},
    {"LOAD_UNSAFE_NA_CHECK", "Unsafe <NA> comparison in condition"},
    {"LOAD_NO_EVTTYPE", "Condition has no event-type restriction"},
    {"LOAD_UNKNOWN_FILTER", "Unknown field or event-type in condition or output"},
    {"LOAD_UNUSED_MACRO", "Unused macro"},
    {"LOAD_UNUSED_LIST", "Unused list"},
    {"LOAD_UNKNOWN_ITEM", "Unknown rules file item"},
    {"LOAD_UNKNOWN_KEY", "Unknown key in item"},
    {"LOAD_DEPRECATED_ITEM", "Used deprecated item"},
    {"LOAD_WARNING_EXTENSION", "Warning in extension item"},
    {"LOAD_APPEND_NO_VALUES", "Overriding/appending exception with no values"},
    {"LOAD_EXCEPTION_NAME_NOT_UNIQUE", "Multiple exceptions defined with the same name"},
    {"LOAD_INVALID_MACRO_NAME", "Invalid macro name"},
    {"LOAD_INVALID_LIST_NAME", "Invalid list name"},
    {"LOAD_COMPILE_CONDITION", "Warning in rule condition"},
}};

constexpr std::size_t shown_columns = 160;

bool starts_character(char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }

// The part of a line around a column, as printable text, and the column's place in it.
struct Window {
  std::string text;
  std::size_t caret = 0;
};

Window window(std::string_view line, std::size_t column) {
  Window shown;
  const std::size_t first = column > shown_columns - 40 ? column - (shown_columns - 40) : 0;
  std::size_t index = 0;  // characters before the current one
  for (std::size_t i = 0; i < line.size() && index < first + shown_columns; ++i) {
    if (i != 0 && starts_character(line[i])) ++index;
    if (index < first || index >= first + shown_columns) continue;
    const unsigned char c = static_cast<unsigned char>(line[i]);
    // Tabs and control characters become one space, so that the caret stays under its character.
    shown.text += c < 0x20 || c == 0x7f ? ' ' : line[i];
  }
  shown.caret = column - first;
  return shown;
}

}  // namespace

bool is_error(Code code) { return code <= Code::extension; }
std::string_view code_name(Code code) { return texts[static_cast<std::size_t>(code)].name; }
std::string_view code_title(Code code) { return texts[static_cast<std::size_t>(code)].title; }

std::string snippet(const Diagnostic& diagnostic) {
  if (diagnostic.pos.line == 0) return {};
  const Window shown = window(diagnostic.excerpt, diagnostic.pos.column - 1);
  return shown.text + "\n" + std::string(shown.caret, ' ') + "^\n";
}

std::string render(const Diagnostic& diagnostic, bool color) {
  const auto paint = [color](std::string_view code, const std::string& text) {
    return color ? "\033[" + std::string(code) + "m" + text + "\033[0m" : text;
  };
  std::string place = diagnostic.file;
  if (diagnostic.pos.line != 0)
    place +=
        ":" + std::to_string(diagnostic.pos.line) + ":" + std::to_string(diagnostic.pos.column);
  std::string out = paint("1", place + ":") + " ";
  out += diagnostic.error() ? paint("1;31", "error:") : paint("1;35", "warning:");
  out += " " + diagnostic.message + " [" + std::string(code_name(diagnostic.code)) + "]\n";
  if (diagnostic.pos.line != 0 && !diagnostic.excerpt.empty()) {
    const std::string number = std::to_string(diagnostic.pos.line);
    const Window shown = window(diagnostic.excerpt, diagnostic.pos.column - 1);
    out += "  " + number + " | " + shown.text + "\n";
    out += "  " + std::string(number.size(), ' ') + " | " + std::string(shown.caret, ' ') +
           paint("1;32", "^") + "\n";
  }
  if (!diagnostic.hint.empty()) out += "  " + paint("36", "hint:") + " " + diagnostic.hint + "\n";
  return out;
}

}  // namespace saker::lang
