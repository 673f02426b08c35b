// SPDX-License-Identifier: Apache-2.0
// The explanation of a condition agrees with the engine: results, the deciding tests, the tests
// that would have to change, and the compiled form.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "lang/compile.h"
#include "lang/explain_tree.h"
#include "match/explain/answers.h"
#include "match/explain/compiled.h"
#include "match/explain/decision.h"
#include "random_rules.h"

namespace saker::testing {
namespace {

using fields::View;
using match::Answers;
using match::Holds;
using match::Questions;

struct Explained {
  lang::RuleSet set;
  std::unique_ptr<match::Program> program;
  lang::ExplainForest forest{set};
  std::unique_ptr<Questions> questions;

  explicit Explained(const std::string& text) {
    lang::SourceText source{"test.yaml", text};
    lang::LoadOptions options;
    options.static_fields = random_static_fields();
    set = lang::load_rule_texts({&source, 1}, options);
    std::string problems;
    for (const lang::Diagnostic& d : set.diagnostics()) problems += d.error() ? render(d) : "";
    REQUIRE_MESSAGE(set.ok(), problems);
    program = std::move(*match::Program::load(*lang::compile(set, lang::RuleMatching::all)));
    for (const lang::Rule& rule : set.rules) forest.add(rule);
    Result<std::unique_ptr<Questions>> made = Questions::make(forest);
    REQUIRE_MESSAGE(bool(made), (made ? "" : made.error().message));
    questions = std::move(*made);
  }
};

Holds in(const Answers& answers, View view) {
  Holds tests;
  for (const match::TestAnswer& answer : answers.tests) tests.push_back(answer.in(view));
  return tests;
}

std::string rule(const std::string& condition, const std::string& more = {}) {
  return "- rule: r\n  desc: d\n  condition: " + condition + "\n  output: o\n  priority: INFO\n" +
         more;
}

// The texts of tests, one after the other.
std::string texts(const Explained& explained, const std::vector<std::uint32_t>& tests) {
  std::string all;
  for (std::uint32_t test : tests)
    all += (all.empty() ? "" : "; ") + explained.forest.tests()[test].text;
  return all;
}

struct OpenEvent {
  ProcessBox self;
  std::vector<std::uint64_t> record;
  OpenEvent(std::string_view named, std::string_view resolved) {
    self.command("cat", "/usr/bin/cat", {"x"});
    RecordBuilder builder(SAKER_EV_openat);
    builder.text(SAKER_P_open_name, named).text(SAKER_P_open_path, resolved).ret(3);
    record = builder.build();
  }
  fields::Event event() const { return {decode::Record(record.data()), &self.process, 1, 7}; }
};

// No random choice of results for the other tests changes the result.
void check_fixed(const lang::ExplainTree& tree, const Holds& tests, Chance& chance,
                 const std::vector<lang::ExplainTest>& rows) {
  std::vector<std::uint32_t> fixing = match::deciding(tree, tests, rows);
  bool value = match::holds(tree, tests);
  for (int i = 0; i < 8; i++) {
    Holds other = tests;
    for (std::size_t t = 0; t < other.size(); t++)
      if (chance.one_in(2) && !std::binary_search(fixing.begin(), fixing.end(), t))
        other[t] = !other[t];
    REQUIRE(match::holds(tree, other) == value);
  }
}

void check_nearest(const lang::ExplainTree& tree, const Holds& tests,
                   const std::vector<lang::ExplainTest>& rows, std::uint64_t& found) {
  std::vector<std::uint32_t> changes = match::nearest(tree, tests, rows);
  if (match::holds(tree, tests)) {
    REQUIRE(changes.empty());
    return;
  }
  if (changes.empty()) return;
  found++;
  Holds other = tests;
  for (std::uint32_t test : changes) other[test] = !other[test];
  REQUIRE(match::holds(tree, other));
  // Each of them is needed.
  for (std::uint32_t test : changes) {
    other[test] = !other[test];
    REQUIRE_FALSE(match::holds(tree, other));
    other[test] = !other[test];
  }
}

}  // namespace

TEST_CASE("the results of a tree's tests give the compiled verdict, on random rules and events") {
  std::uint64_t held = 0, resolved = 0, found = 0;
  for (std::uint64_t seed = 1; seed <= 60; seed++) {
    CAPTURE(seed);
    Chance chance(seed);
    Explained explained(random_rules(chance, 30));
    match::Matcher matcher(*explained.program);
    match::CompiledRules compiled(*explained.program, explained.questions->program(),
                                  explained.forest.tests().size());
    RandomEvents events(chance);
    for (int i = 0; i < 150; i++) {
      const std::vector<std::uint64_t>& record = events.record(chance);
      fields::Event event{decode::Record(record.data()), events.process(chance),
                          1'700'000'000'000'000'000, 5};
      std::vector<int> verdicts(explained.set.rules.size(), 0);
      for (const match::Verdict& verdict : matcher.match(event))
        verdicts[explained.program->rule(verdict.rule).index] = verdict.resolved_view ? 2 : 1;
      Answers answers = explained.questions->ask(event);
      Holds named = in(answers, View::named), other = in(answers, View::resolved);
      for (std::size_t r = 0; r < verdicts.size(); r++) {
        const lang::ExplainTree& tree = explained.forest.trees()[r];
        // A rule for other events is not tried, whatever its tree says; explain reports that.
        if (!fields::kinds_of(tree.rule->events)[event.kind()]) {
          REQUIRE(verdicts[r] == 0);
          continue;
        }
        int told = match::holds(tree, named) ? 1 : match::holds(tree, other) ? 2 : 0;
        int alone = answers.rules[r].named ? 1 : answers.rules[r].resolved ? 2 : 0;
        REQUIRE_MESSAGE(told == verdicts[r], tree.rule->condition);
        REQUIRE_MESSAGE(alone == verdicts[r], tree.rule->condition);
        check_fixed(tree, named, chance, explained.forest.tests());
        check_nearest(tree, named, explained.forest.tests(), found);
        held += told != 0;
        resolved += told == 2;
      }
    }
  }
  CHECK(held > 500);
  CHECK(resolved > 5);
  CHECK(found > 500);
}

TEST_CASE("a tree names macros, exceptions and lists") {
  Explained explained(
      "- list: secret\n  items: [/etc/shadow, /etc/gshadow]\n"
      "- macro: opened\n  condition: evt.type in (open, openat)\n"
      "- macro: reads\n  condition: opened and fd.name in (secret, /etc/sudoers)\n" +
      rule("reads and not proc.name = vim",
           "  exceptions:\n    - name: backup\n      fields: [proc.name, fd.name]\n      comps: "
           "[=, startswith]\n"
           "      values:\n        - [tar, /etc]\n    - name: empty\n      fields: proc.name\n"));
  const lang::ExplainTree& tree = explained.forest.trees()[0];
  std::vector<std::string> macros;
  std::string exceptions;
  for (const lang::ExplainNode& node : tree.nodes) {
    for (const std::string& macro : node.macros) macros.push_back(macro);
    exceptions += node.exception;
  }
  CHECK(macros == std::vector<std::string>{"reads", "opened"});
  CHECK(exceptions == "backup");
  CHECK(texts(explained, {0, 1}) ==
        "evt.type in (open, openat); fd.name in (secret: 2 values, /etc/sudoers)");
  CHECK(explained.forest.tests()[0].event_type);
}

TEST_CASE("the tests that decided, and those that would have to change") {
  Explained explained(
      rule("evt.type = openat and fd.name = /etc/shadow and not proc.name in (cat, vim)"));
  const lang::ExplainTree& tree = explained.forest.trees()[0];
  OpenEvent near("/etc/shadow", "/etc/shadow");
  Holds tests = in(explained.questions->ask(near.event()), View::named);
  CHECK(texts(explained, match::deciding(tree, tests, explained.forest.tests())) ==
        "proc.name in (cat, vim)");
  CHECK(texts(explained, match::nearest(tree, tests, explained.forest.tests())) ==
        "proc.name in (cat, vim)");
  OpenEvent far("/etc/hosts", "/etc/hosts");
  tests = in(explained.questions->ask(far.event()), View::named);
  CHECK(texts(explained, match::nearest(tree, tests, explained.forest.tests())) ==
        "fd.name = /etc/shadow; proc.name in (cat, vim)");
}

TEST_CASE("one test can serve two parts, and none can be both true and false") {
  Explained explained(rule(
      "evt.type = openat and (proc.name = x or fd.num = 9) and (proc.name = x or user.uid = 9)"));
  OpenEvent open("/a", "/a");
  Holds tests = in(explained.questions->ask(open.event()), View::named);
  const lang::ExplainTree& tree = explained.forest.trees()[0];
  CHECK(texts(explained, match::nearest(tree, tests, explained.forest.tests())) == "proc.name = x");
  Explained never(rule("evt.type = openat and proc.name = x and not proc.name = x"));
  tests = in(never.questions->ask(open.event()), View::named);
  CHECK(match::nearest(never.forest.trees()[0], tests, never.forest.tests()).empty());
}

TEST_CASE("each view of a path has its own result") {
  Explained explained(
      rule("evt.type = openat and fd.name = /etc/shadow and not fd.name = /tmp/link"));
  OpenEvent open("/tmp/link", "/etc/shadow");
  Answers answers = explained.questions->ask(open.event());
  REQUIRE(answers.tests.size() == 3);
  CHECK_FALSE(answers.tests[1].named);
  CHECK(answers.tests[1].resolved);
  CHECK(answers.tests[2].named);
  CHECK_FALSE(answers.tests[2].resolved);
  CHECK_FALSE(answers.rules[0].named);
  CHECK(answers.rules[0].resolved);
}

TEST_CASE("what the compiler made of a test") {
  std::string more =
      "- rule: other\n  desc: d\n  condition: evt.type = openat and proc.name in (cat, vim) and "
      "fd.num > 3\n"
      "  output: o\n  priority: INFO\n"
      "- rule: third\n  desc: d\n  condition: evt.type = openat and fd.name = /q\n"
      "  output: o\n  priority: INFO\n";
  Explained explained(
      rule("evt.type = openat and fd.name in (/a, /b, /c) and not proc.name in (cat, vim) and "
           "proc.cmdline regex \"a.*\" and fd.name pmatch (/a, /b)") +
      more);
  match::CompiledRules compiled(*explained.program, explained.questions->program(),
                                explained.forest.tests().size());
  auto test = [&](std::string_view text) {
    for (std::uint32_t i = 0; i < explained.forest.tests().size(); i++)
      if (explained.forest.tests()[i].text.starts_with(text))
        return compiled.test(i, 0, SAKER_EV_openat);
    FAIL("no such test");
    return match::CompiledTest{};
  };
  CHECK_FALSE(test("evt.type").in_program);
  CHECK(test("fd.name in").method == "hash set of 3 values");
  CHECK(test("fd.name in").found_by == "hash table over fd.name");
  CHECK(test("fd.name pmatch").method == "hash set of 2 path prefixes");
  CHECK(test("proc.cmdline regex").method == "regular expression");
  CHECK(test("proc.cmdline regex").remembered);
  CHECK(test("proc.name in").rules == 2);
  CHECK(test("fd.name in").rules == 1);
  CHECK(test("fd.name in").of == 4);
  CHECK(test("fd.name in").order > 0);
  CHECK(compiled.test(1, 0, SAKER_EV_execve).order == 0);
  CHECK_FALSE(compiled.always_looked_at(0, SAKER_EV_openat));
}

}  // namespace saker::testing
