// SPDX-License-Identifier: Apache-2.0
// Rules from text to verdict: a program made from them, a process with a parent, and the names of
// the rules that match a record. Only for tests.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "lang/compile.h"
#include "lang/rules.h"
#include "match/matcher.h"
#include "record_builder.h"

namespace saker::testing {

// A rule with that condition; after `>` YAML takes every character except line ends literally.
inline std::string rule(const std::string& name, const std::string& condition) {
  return "- rule: " + name + "\n  desc: d\n  condition: >\n    " + condition +
         "\n  output: o %proc.name\n  priority: WARNING\n  tags: [b, a]\n";
}

struct Bench {
  std::unique_ptr<match::Program> program;
  std::unique_ptr<match::Matcher> matcher;
  ProcessBox parent, self;

  explicit Bench(const std::string& rules, lang::RuleMatching matching = lang::RuleMatching::all,
                 const lang::LoadOptions& options = {}) {
    lang::SourceText text{"test.yaml", rules};
    lang::RuleSet set = lang::load_rule_texts({&text, 1}, options);
    std::string problems;
    for (const lang::Diagnostic& d : set.diagnostics()) {
      if (d.error()) problems += lang::render(d);
    }
    REQUIRE_MESSAGE(set.ok(), problems);
    Result<std::vector<std::byte>> bytes = lang::compile(set, matching);
    REQUIRE_MESSAGE(bool(bytes), (bytes ? "" : bytes.error().message));
    Result<std::unique_ptr<match::Program>> loaded = match::Program::load(std::move(*bytes));
    REQUIRE_MESSAGE(bool(loaded), (loaded ? "" : loaded.error().message));
    program = std::move(*loaded);
    matcher = std::make_unique<match::Matcher>(*program);
    parent.command("bash", "/usr/bin/bash", {"-l"});
    self.command("cat", "/usr/bin/cat", {"-n", "/etc/shadow"});
    self.process.parent = &parent.process;
  }

  // Names of the matching rules, with * for those that match only in the resolved view.
  std::string run(RecordBuilder& record) {
    std::vector<std::uint64_t> bytes = record.build();
    REQUIRE(decode::check(std::as_bytes(std::span(bytes))) == bytes.size() * 8);
    fields::Event event{decode::Record(bytes.data()), &self.process, 1'700'000'000'000'000'000, 7};
    std::string names;
    for (const match::Verdict& verdict : matcher->match(event)) {
      if (!names.empty()) names += " ";
      names += program->rule(verdict.rule).name;
      if (verdict.resolved_view) names += "*";
    }
    return names;
  }
};

}  // namespace saker::testing
