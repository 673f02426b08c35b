// SPDX-License-Identifier: Apache-2.0
#include "report.h"

#include <algorithm>

#include "fields/scratch.h"
#include "lang/compile.h"

namespace saker::cli {
namespace {

using fields::View;
using match::Holds;

Holds in_view(const match::Answers& answers, View view) {
  Holds tests;
  for (const match::TestAnswer& answer : answers.tests) tests.push_back(answer.in(view));
  return tests;
}

bool about(const lang::Rule& rule, fields::EventKind kind) {
  return fields::kinds_of(rule.events).test(kind);
}

}  // namespace

Result<std::unique_ptr<Explainer>> Explainer::make(lang::RuleSet rules, lang::RuleMatching matching,
                                                   std::optional<std::size_t> only) {
  std::unique_ptr<Explainer> made(new Explainer(std::move(rules), matching));
  for (std::size_t i = 0; i < made->rules_.rules.size(); i++)
    if (!only || *only == i) made->forest_.add(made->rules_.rules[i]);
  Result<std::unique_ptr<match::Questions>> questions = match::Questions::make(made->forest_);
  if (!questions) return questions.error();
  made->questions_ = std::move(*questions);
  Result<std::vector<std::byte>> bytes = lang::compile(made->rules_, lang::RuleMatching::all);
  if (!bytes) return bytes.error();
  Result<std::unique_ptr<match::Program>> program = match::Program::load(std::move(*bytes));
  if (!program) return program.error();
  made->program_ = std::move(*program);
  made->matcher_ = std::make_unique<match::Matcher>(*made->program_);
  made->compiled_ = std::make_unique<match::CompiledRules>(
      *made->program_, made->questions_->program(), made->forest_.tests().size());
  return made;
}

std::uint32_t Explainer::index_of(std::uint32_t tree) const {
  return static_cast<std::uint32_t>(forest_.trees()[tree].rule - rules_.rules.data());
}

match::CompiledTest Explainer::compiled(const RuleReport& rule, std::uint32_t test,
                                        const fields::Event& event) const {
  return compiled_->test(test, index_of(rule.tree), event.kind());
}

bool Explainer::always_looked_at(const RuleReport& rule, const fields::Event& event) const {
  return compiled_->always_looked_at(index_of(rule.tree), event.kind());
}

// `verdicts`: the enabled rules that match, in their order.
RuleReport Explainer::explain_rule(std::uint32_t number, const EventReport& report,
                                   const std::vector<std::size_t>& verdicts,
                                   match::Effort effort) const {
  const lang::ExplainTree& tree = forest_.trees()[number];
  RuleReport rule;
  rule.tree = number;
  rule.asked = about(*tree.rule, report.event->kind());
  const match::TestAnswer& alone = report.answers.rules[number];
  rule.matched = alone.named || alone.resolved;
  rule.view = !alone.named && alone.resolved ? View::resolved : View::named;
  Holds tests = in_view(report.answers, rule.view);
  bool by_tree = rule.asked && match::holds(tree, tests);
  std::size_t index = index_of(number);
  bool enabled = tree.rule->enabled && tree.rule->source == "syscall";
  bool found = std::find(verdicts.begin(), verdicts.end(), index) != verdicts.end();
  rule.as_compiled = by_tree == rule.matched && (!enabled || found == rule.matched);
  if (rule.matched && !verdicts.empty() && verdicts[0] < index && first_only())
    rule.earlier = rules_.rules[verdicts[0]].name;
  rule.alerts = rule.matched && enabled && rule.earlier.empty();
  rule.decided_by = match::deciding(tree, tests, forest_.tests());
  if (rule.matched) return rule;
  rule.nearest = match::nearest(tree, tests, forest_.tests(), effort);
  if (!report.views) return rule;
  Holds resolved = in_view(report.answers, View::resolved);
  std::vector<std::uint32_t> other = match::nearest(tree, resolved, forest_.tests(), effort);
  if (!other.empty() && (rule.nearest.empty() || other.size() < rule.nearest.size())) {
    rule.nearest = std::move(other);
    rule.view = View::resolved;
    rule.decided_by = match::deciding(tree, resolved, forest_.tests());
  }
  return rule;
}

EventReport Explainer::explain(const fields::Event& event, match::Effort effort) {
  EventReport report;
  report.event = &event;
  fields::Scratch scratch(event.users);
  report.views = fields::views_differ(event, scratch);
  report.answers = questions_->ask(event);
  matcher_->use(event.users);
  std::vector<std::size_t> verdicts;
  for (const match::Verdict& verdict : matcher_->match(event))
    verdicts.push_back(program_->rule(verdict.rule).index);
  bool one = forest_.trees().size() == 1;
  for (std::uint32_t i = 0; i < forest_.trees().size(); i++)
    if (one || about(*forest_.trees()[i].rule, event.kind()))
      report.rules.push_back(explain_rule(i, report, verdicts, effort));
  auto distance = [](const RuleReport& rule) {
    return rule.matched ? 0 : rule.nearest.empty() ? 1u << 30 : rule.nearest.size();
  };
  std::stable_sort(
      report.rules.begin(), report.rules.end(),
      [&](const RuleReport& a, const RuleReport& b) { return distance(a) < distance(b); });
  return report;
}

std::string field_text(std::string_view name, const fields::Event& event, View view) {
  fields::Scratch scratch(event.users);
  fields::FieldRef field = fields::field_ref(name, false, {});
  fields::Value value = fields::extract(field, event, view, scratch);
  std::string text;
  if (value.set()) fields::append_text(text, field, value);
  return text;
}

std::string place_of(const lang::Rule& rule) {
  return rule.file + ":" + std::to_string(rule.pos.line);
}

}  // namespace saker::cli
