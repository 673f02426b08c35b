// SPDX-License-Identifier: Apache-2.0
// The report of saker explain about an event: the result of each rule and why. Made by Explainer,
// printed by explain_text and explain_json. A report refers to its Explainer and, until the next
// event is read, to the event.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lang/explain_tree.h"
#include "match/explain/answers.h"
#include "match/explain/compiled.h"
#include "match/explain/decision.h"
#include "service/config/config.h"

namespace saker::cli {

struct RuleReport {
  std::uint32_t tree = 0;  // number of its tree
  bool matched = false;    // the condition is true, even if there is no alert
  bool asked = true;       // the rule is tried on events of this type
  bool alerts = false;     // it is enabled and no earlier rule matched the event
  // it matched, but this rule comes first and only one alert is made for an event
  std::string earlier;
  // the view in which it matches, or that the rest describes
  fields::View view = fields::View::named;
  std::vector<std::uint32_t> decided_by, nearest;  // rows of tests
  bool as_compiled =
      // the tree has the same result as the compiled rules; otherwise one of the two is wrong
      true;
};

struct EventReport {
  const fields::Event* event = nullptr;
  bool views = false;  // the named and the resolved paths differ
  match::Answers answers;
  std::vector<RuleReport> rules;  // matching rules first, then those that come close
};

class Explainer {
 public:
  // `only`: index of the single rule to explain; otherwise all rules that are tried on the events.
  // `types`: of the events to come.
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
  std::unique_ptr<match::Program> program_;  // of every enabled rule, matching all
  std::unique_ptr<match::Matcher> matcher_;
  std::unique_ptr<match::CompiledRules> compiled_;
};

// A field without an argument, as text; "" if the event has no value.
std::string field_text(std::string_view name, const fields::Event& event, fields::View view);

// The file and line of a rule.
std::string place_of(const lang::Rule& rule);

std::string explain_text(const Explainer& explainer, const EventReport& report, bool brief);
// The test, the value that it compared, and the value in the other view.
std::string explain_test(const Explainer& explainer, const EventReport& report,
                         const RuleReport& rule, std::uint32_t test);
std::string explain_overview(const Explainer& explainer, const EventReport& report);
std::string explain_json(const Explainer& explainer, const EventReport& report, bool trees);

}  // namespace saker::cli
