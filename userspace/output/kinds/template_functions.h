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
  std::uint8_t least, most;  // operands, with what is piped into it
  Node (*call)(std::span<const Node> operands);
};

// The first row is no function.
std::span<const TemplateFunction> template_functions();

// As text: what is no text as JSON.
std::string text_of(const Node& node);
// As JSON: a text with its quotes.
void append_json_of(std::string& out, const Node& node);

}  // namespace saker::output
