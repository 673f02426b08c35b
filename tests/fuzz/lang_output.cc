// SPDX-License-Identifier: Apache-2.0
// Any bytes as an output text: the tokens joined again are the text, unless it had errors.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "lang/resolve/output_format.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace saker::lang;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const OutputParse parse = parse_output(text, Scope{.static_fields = {{"site", "north"}}});
  (void)output_fields(parse.format);
  for (const OutputError& error : parse.errors)
    if (error.offset > size) std::abort();
  if (!parse.errors.empty()) return 0;
  std::size_t at = !text.empty() && text[0] == '*' ? 1 : 0;
  for (const OutputToken& token : parse.format.tokens) {
    if (token.kind == OutputToken::Kind::value) {
      if (text[at] != '%') std::abort();
      for (++at; text[at] >= '0' && text[at] <= '9';) ++at;
    }
    if (text.substr(at, token.text.size()) != token.text) std::abort();
    at += token.text.size();
  }
  if (at != size) std::abort();
  return 0;
}
