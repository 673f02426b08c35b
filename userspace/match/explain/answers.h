// SPDX-License-Identifier: Apache-2.0
// The result of each test and each rule of a forest at an event, computed by the engine itself:
// every test is compiled as a rule of its own, and so is its negation, and both are matched like
// rules. One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "lang/explain_tree.h"
#include "match/matcher.h"

namespace saker::match {

// In both views of the event's paths; equal if there is only one view.
struct TestAnswer {
  bool named = false, resolved = false;
  bool in(View view) const { return view == View::named ? named : resolved; }
};

struct Answers {
  std::vector<TestAnswer> tests;  // by row of ExplainForest::tests
  // By tree: whether the rule would match if it were enabled and the only rule, in the named view
  // or else in the resolved view.
  std::vector<TestAnswer> rules;
};

class Questions {
 public:
  // The forest must not grow afterwards.
  static Result<std::unique_ptr<Questions>> make(const lang::ExplainForest& forest);

  Answers ask(const Event& event);

  // The compiled tests; rule 2n of RuleInfo::index is test n.
  const Program& program() const { return *program_; }

 private:
  Questions(const lang::ExplainForest& forest, std::unique_ptr<Program> program);

  std::size_t tests_, trees_;
  std::unique_ptr<Program> program_;
  Matcher matcher_;
};

}  // namespace saker::match
