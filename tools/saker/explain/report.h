// SPDX-License-Identifier: Apache-2.0
// What saker explain tells of an event: how each rule came out and why. Made by Explainer, printed
// by explain_text and explain_json. A report refers to its Explainer and, until the next event is
// read, to the event.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lang/explain_tree.h"
#include "match/explain/answers.h"
#include "match/explain/compiled.h"
#include "match/explain/decision.h"
#include "service/config.h"

namespace saker::cli {

struct RuleReport {
  std::uint32_t tree = 0;  // number of its tree
  bool matched = false;    // the condition holds, whatever else
  bool asked = true;       // the rule is about events of this type
  bool alerts = false;     // it is enabled and no rule before it took the event
  std::string earlier;  // matched, but this rule comes first and only one alert is made of an event
  fields::View view = fields::View::named;         // in which it holds, or of which the rest tells
  std::vector<std::uint32_t> decided_by, nearest;  // rows of tests
  bool as_compiled =
      true;  // the tree comes to what the compiled rules say; else one of the two is wrong
};

struct EventReport {
  const fields::Event* event = nullptr;
  bool views = false;  // the paths as named and as resolved differ
  match::Answers answers;
  std::vector<RuleReport> rules;  // matched ones first, then those that come near
};

class Explainer {
 public:
  // `only`: index of the one rule to be explained; else all that are about the events. `types`: of
  // the events to come.
  static Result<std::unique_ptr<Explainer>> make(lang::RuleSet rules, lang::RuleMatching matching,
                                                 std::optional<std::size_t> only);

  EventReport explain(const fields::Event& event, match::Effort effort = match::Effort::thorough);

  const lang::RuleSet& rules() const { return rules_; }
  const lang::ExplainForest& forest() const { return forest_; }
  bool first_only() const { return matching_ == lang::RuleMatching::first; }
  match::CompiledTest compiled(const RuleReport& rule, std::uint32_t test,
                               const fields::Event& event) const;
  bool always_looked_at(const RuleReport& rule, const fields::Event& event) const;

 private:
  Explainer(lang::RuleSet rules, lang::RuleMatching matching)
      : rules_(std::move(rules)), matching_(matching), forest_(rules_) {}
  RuleReport explain_rule(std::uint32_t tree, const EventReport& report,
                          const std::vector<std::size_t>& verdicts, match::Effort effort) const;
  std::uint32_t index_of(std::uint32_t tree) const;

  lang::RuleSet rules_;
  lang::RuleMatching matching_;
  lang::ExplainForest forest_;
  std::unique_ptr<match::Questions> questions_;
  std::unique_ptr<match::Program> program_;  // of every enabled rule, all matching
  std::unique_ptr<match::Matcher> matcher_;
  std::unique_ptr<match::CompiledRules> compiled_;
};

// A field without an argument, as text; "" where the event has none.
std::string field_text(std::string_view name, const fields::Event& event, fields::View view);

// In which file and line a rule stands.
std::string place_of(const lang::Rule& rule);

std::string explain_text(const Explainer& explainer, const EventReport& report, bool brief);
// The test, what it compared, and what that is in the other view.
std::string explain_test(const Explainer& explainer, const EventReport& report,
                         const RuleReport& rule, std::uint32_t test);
std::string explain_overview(const Explainer& explainer, const EventReport& report);
std::string explain_json(const Explainer& explainer, const EventReport& report, bool trees);

}  // namespace saker::cli
