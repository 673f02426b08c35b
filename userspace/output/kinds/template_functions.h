// SPDX-License-Identifier: Apache-2.0
// The functions that templates have (template.h). Pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "output/kinds/template.h"

namespace saker::output {

struct TemplateFunction {
  std::string_view name;
  std::uint8_t least, most;  // number of operands, including the piped one
  Node (*call)(std::span<const Node> operands);
};

// The first row is not a function.
std::span<const TemplateFunction> template_functions();

// As text: a value that is not text is written as JSON.
std::string text_of(const Node& node);
// As JSON: a text gets quotes.
void append_json_of(std::string& out, const Node& node);

}  // namespace saker::output
