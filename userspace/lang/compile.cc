// SPDX-License-Identifier: Apache-2.0
#include "lang/compile.h"

#include "lang/passes.h"

namespace saker::lang {

Result<std::vector<std::byte>> compile(const RuleSet& rules, RuleMatching matching) {
  Compilation compilation(rules, nullptr, matching);
  run_passes<Compilation>(compile_passes, compilation);
  return compilation.take();
}

Result<std::vector<std::byte>> compile_conditions_of(RuleSet& rules, RuleMatching matching) {
  Compilation compilation(rules, &rules, matching);
  run_passes<Compilation>(compile_passes, compilation);
  return compilation.take();
}

}  // namespace saker::lang
