// SPDX-License-Identifier: Apache-2.0
// Templates of outputs, and recipes: any text is either parsed, or refused with a place; and a
// parsed one renders any alert.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "output/kinds/recipe.h"
#include "output/kinds/template.h"

namespace {

using saker::output::Node;

Node scope(std::string_view text) {
  Node tags{.kind = Node::Kind::list}, fields{.kind = Node::Kind::map};
  for (std::size_t at = 0; at < text.size() && tags.members.size() < 8; at += 5) {
    tags.members.emplace_back("", Node::of(std::string(text.substr(at, 5))));
    fields.members.emplace_back(text.substr(at, 3), Node::of(std::string(text.substr(at, 5))));
  }
  return {Node::Kind::map,
          {},
          {{"Rule", Node::of(std::string(text.substr(0, 40)))},
           {"Severity", Node::of_number(3)},
           {"Tags", tags},
           {"OutputFields", fields}}};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Node alert = scope(text);
  if (const auto parsed = saker::output::Template::parse(text))
    (void)parsed->render(alert);
  else if (parsed.error().message.empty())
    std::abort();
  if (const auto recipe = saker::output::Recipe::parse("fuzz", std::string(text))) {
    const saker::output::Request request = recipe->request({&alert, 1}, {});
    for (const auto& [name, value] : request.headers)
      if ((name + value).find_first_of("\r\n") != std::string::npos) std::abort();
  }
  return 0;
}
