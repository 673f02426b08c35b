// SPDX-License-Identifier: Apache-2.0
// The description of a compiled rule agrees with the program.
#include "match/explain/compiled_rule.h"

#include <doctest/doctest.h>

#include <string>

#include "lang/compile.h"
#include "lang/rules.h"

namespace saker::testing {
namespace {

using match::CompiledRule;
using match::CompiledStep;

std::string rule(const std::string& name, const std::string& condition) {
  return "- rule: " + name + "\n  desc: d\n  condition: " + condition +
         "\n  output: o\n  priority: INFO\n";
}

CompiledRule compiled(const std::string& text, std::uint32_t index) {
  lang::SourceText source{"test.yaml", text};
  lang::RuleSet set = lang::load_rule_texts({&source, 1});
  REQUIRE(set.ok());
  auto program = std::move(*match::Program::load(*lang::compile(set, lang::RuleMatching::all)));
  return match::compiled_rule(*program, index);
}

// Follows the steps with one answer for every predicate.
bool run(const CompiledRule& rule, std::uint32_t code, bool answer) {
  const std::vector<CompiledStep>& steps = rule.codes.at(code - 1).steps;
  std::uint32_t at = steps.empty() ? CompiledStep::hold : 1;
  while (at < CompiledStep::fail) {
    const CompiledStep& step = steps.at(at - 1);
    bool holds = step.code ? run(rule, step.code, answer) : answer;
    at = holds ? step.yes : step.no;
  }
  return at == CompiledStep::hold;
}

const CompiledStep* find(const CompiledRule& rule, const std::string& text) {
  for (const match::CompiledCode& code : rule.codes)
    for (const CompiledStep& step : code.steps)
      if (step.text == text) return &step;
  return nullptr;
}

TEST_CASE("a compiled rule is shown with its tests and how each is evaluated") {
  CompiledRule told =
      compiled(rule("r",
                    "evt.type in (open, openat) and fd.name startswith \"/a b\" and "
                    "(proc.name in (a, b, c, d, e, f, g) or fd.num = 3) and "
                    "fd.sip in (1.2.3.4, \"::1\") and fd.net = 10.0.0.0/8 and "
                    "fd.name != val(proc.exepath) and proc.aname[2] exists"),
               0);
  REQUIRE(told.events.size() == 1);
  CHECK(told.events[0].kinds.size() == 2);
  CHECK(run(told, told.events[0].code, true));
  CHECK(!run(told, told.events[0].code, false));
  const CompiledStep* names = find(told, "proc.name in (a, b, c, d, ... 3 more)");
  REQUIRE(names);
  CHECK(names->method == "hash set of 7 values");
  const CompiledStep* prefix = find(told, "fd.name startswith \"/a b\"");
  REQUIRE(prefix);
  CHECK(prefix->views);
  CHECK(find(told, "fd.num = 3"));
  CHECK(find(told, "fd.sip in (1.2.3.4, ::1)"));
  CHECK(find(told, "fd.net = 10.0.0.0/8"));
  CHECK(find(told, "proc.aname[2] exists"));
}

TEST_CASE("shared tests are shown with each of their rules") {
  std::string shared = "proc.name in (a, b) and proc.exepath startswith /x and ";
  std::string text = rule("one", "evt.type = open and " + shared + "fd.num = 1") +
                     rule("two", "evt.type = open and " + shared + "fd.num = 2") +
                     rule("off", "evt.type = open and fd.num = 3") + "  enabled: false\n";
  CompiledRule told = compiled(text, 1);
  const CompiledStep* names = find(told, "proc.name in (a, b)");
  REQUIRE(names);
  CHECK(names->rules == 2);
  const CompiledStep* number = find(told, "fd.num = 2");
  REQUIRE(number);
  CHECK(number->rules == 1);
  CHECK(run(told, told.events.at(0).code, true));
  CHECK(!run(told, told.events.at(0).code, false));
  CHECK(compiled(text, 2).events.empty());
}

TEST_CASE("a compiled rule is shown with the tables that find it") {
  std::string text;
  for (int i = 0; i < 40; i++)
    text += rule("r" + std::to_string(i), "evt.type = open and fd.name = /x" + std::to_string(i));
  CompiledRule told = compiled(text, 7);
  REQUIRE(told.events.size() == 1);
  CHECK(!told.events[0].always);
  CHECK(told.events[0].found_by == std::vector<std::string>{"hash table over fd.name"});
}

}  // namespace
}  // namespace saker::testing
