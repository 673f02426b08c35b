// SPDX-License-Identifier: Apache-2.0
// Any bytes as a condition: if they parse, the tree can be printed, and the printed text must parse
// into the same tree.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "lang/print.h"
#include "lang/resolve/check.h"
#include "lang/resolve/deduce.h"
#include "lang/resolve/parser.h"

namespace {

void fail(const char* what, std::string_view text) {
  std::fprintf(stderr, "%s: %.*s\n", what, static_cast<int>(text.size()), text.data());
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace saker::lang;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  ParsedCondition first = parse_condition(text);
  if (first.error) {
    if (first.error->offset > size) fail("error behind the text", text);
    return 0;
  }
  const std::string printed = print(first.expr);
  // Printing adds parentheses, so the printed text may exceed the nesting limit although the
  // original did not.
  const ParsedCondition second = parse_condition(printed, 100 * max_condition_depth);
  if (second.error) fail("what was printed does not parse", printed);
  if (!same(first.expr, second.expr)) fail("what was printed is another condition", printed);
  Checker checker(Scope{});
  std::vector<ConditionError> problems;
  checker.check(first.expr, problems);
  (void)deduce_events(first.expr);
  return 0;
}
