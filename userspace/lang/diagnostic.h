// SPDX-License-Identifier: Apache-2.0
// An error in a user's rule file: what, where, and how to fix it. Codes and item types have Falco's
// names, so that tools that read Falco's validation output can read ours. Plain data.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lang/ast.h"

namespace saker::lang {

enum class Code : std::uint8_t {
  // errors
  file_read,
  yaml_parse,
  yaml_validate,
  compile_condition,
  compile_output,
  validate,
  extension,
  // warnings
  unknown_source,
  unsafe_na_check,
  no_evttype,
  unknown_filter,
  unused_macro,
  unused_list,
  unknown_item,
  unknown_key,
  deprecated_item,
  warning_extension,
  append_no_values,
  exception_name_not_unique,
  invalid_macro_name,
  invalid_list_name,
  warn_compile_condition
};

bool is_error(Code code);
std::string_view code_name(Code code);   // LOAD_ERR_YAML_PARSE, LOAD_UNUSED_MACRO, ...
std::string_view code_title(Code code);  // "YAML parsing error", ...

// One step on the path from the file to the error: {"rule", "Terminal shell", its beginning}.
struct Location {
  std::string item_type, item_name, file;
  Position pos;
};

struct Diagnostic {
  Code code = Code::validate;
  std::string message;  // the error, one sentence
  std::string hint;     // how to fix it, may be empty
  std::string file;
  Position pos;                   // line 0: the file as a whole
  std::string excerpt;            // the line that `pos` is in, without its newline
  std::vector<Location> context;  // outermost first
  std::string deprecated_field;   // deprecated_item for a field: its name

  bool error() const { return is_error(code); }
};

// "FILE:LINE:COLUMN: error: message [CODE]", the line with a caret, the hint; ends with a newline.
std::string render(const Diagnostic& diagnostic, bool color = false);

}  // namespace saker::lang
