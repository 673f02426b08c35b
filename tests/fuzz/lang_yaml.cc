// SPDX-License-Identifier: Apache-2.0
// Any bytes as a rule file: loaded, checked, and every diagnostic rendered.
#include <cstddef>
#include <cstdint>
#include <string>

#include "lang/describe.h"
#include "lang/rules.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace saker::lang;
  const std::string text(reinterpret_cast<const char*>(data), size);
  // The second half is a separate file, to test state that passes from file to file.
  const std::size_t half = text.find("\n%%\n");
  std::vector<SourceText> files = {{"a.yaml", text.substr(0, half)}};
  if (half != text.npos) files.push_back({"b.yaml", text.substr(half + 4)});
  const RuleSet rules = load_rule_texts(files);
  for (const Diagnostic& diagnostic : rules.diagnostics()) (void)render(diagnostic, true);
  (void)validation_json(rules);
  (void)describe_json(rules);
  return 0;
}
