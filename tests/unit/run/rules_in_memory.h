// SPDX-License-Identifier: Apache-2.0
// Rules for a test, loaded as the daemon loads files.
#pragma once

#include <doctest/doctest.h>

#include <memory>

#include "lang/compile.h"
#include "run/generation.h"

namespace saker::test {

inline std::unique_ptr<run::Generation> rules(const char* text,
                                              const lang::LoadOptions& options = {}) {
  lang::SourceText source{"test.yaml", text};
  lang::RuleSet set = lang::load_rule_texts({&source, 1}, options);
  std::string errors;
  for (const lang::Diagnostic& d : set.diagnostics()) errors += lang::render(d);
  INFO(errors);
  REQUIRE(set.ok());
  auto out = std::make_unique<run::Generation>();
  auto program = match::Program::load(std::move(*lang::compile(set)));
  REQUIRE(program);
  out->program = std::move(*program);
  out->costs = std::make_unique<match::RuleCosts>(out->program->rule_count());
  auto texts = output::rule_texts(*out->program);
  REQUIRE(texts);
  out->texts = std::move(*texts);
  out->rules_enabled = out->rules_total = set.rules.size();
  return out;
}

}  // namespace saker::test
