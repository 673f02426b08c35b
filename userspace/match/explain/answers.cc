// SPDX-License-Identifier: Apache-2.0
#include "match/explain/answers.h"

#include "lang/compile.h"

namespace saker::match {
namespace {

lang::Rule question(const lang::Expr& expr, const fields::EventSet& events) {
  lang::Rule rule;
  rule.expr = expr;
  rule.events = events;
  return rule;
}

lang::Expr negation(const lang::Expr& expr) {
  lang::Expr result;
  result.kind = lang::Expr::Kind::negate;
  result.children.push_back(expr);
  return result;
}

}  // namespace

Questions::Questions(const lang::ExplainForest& forest, std::unique_ptr<Program> program)
    : tests_(forest.tests().size()),
      trees_(forest.trees().size()),
      program_(std::move(program)),
      matcher_(*program_) {}

Result<std::unique_ptr<Questions>> Questions::make(const lang::ExplainForest& forest) {
  lang::RuleSet set;
  for (const lang::ExplainTest& test : forest.tests()) {
    set.rules.push_back(question(*test.check, fields::all_events()));
    set.rules.push_back(question(negation(*test.check), fields::all_events()));
  }
  for (const lang::ExplainTree& tree : forest.trees())
    set.rules.push_back(question(tree.rule->expr, tree.rule->events));
  Result<std::vector<std::byte>> bytes = lang::compile(set, lang::RuleMatching::all);
  if (!bytes) return bytes.error();
  Result<std::unique_ptr<Program>> program = Program::load(std::move(*bytes));
  if (!program) return program.error();
  return std::unique_ptr<Questions>(new Questions(forest, std::move(*program)));
}

// A verdict is about the resolved view only if the condition is false in the named view; the
// verdict of the negation gives the other cases.
Answers Questions::ask(const Event& event) {
  Answers answers;
  answers.tests.resize(tests_);
  answers.rules.resize(trees_);
  matcher_.use(event.users);
  std::vector<bool> resolved_no(tests_);
  for (const Verdict& verdict : matcher_.match(event)) {
    std::size_t index = program_->rule(verdict.rule).index;
    if (index >= 2 * tests_) {
      answers.rules[index - 2 * tests_] = {!verdict.resolved_view, verdict.resolved_view};
    } else if (index % 2 == 0) {
      answers.tests[index / 2] = {!verdict.resolved_view, true};
    } else if (verdict.resolved_view) {
      resolved_no[index / 2] = true;
    }
  }
  for (std::size_t i = 0; i < tests_; i++)
    if (resolved_no[i]) answers.tests[i].resolved = false;
  return answers;
}

}  // namespace saker::match
