// SPDX-License-Identifier: Apache-2.0
// A report as one JSON object, for programs.
#include <nlohmann/json.hpp>

#include "output/clock.h"
#include "output/explain_value.h"
#include "report.h"

namespace saker::cli {
namespace {

using fields::View;
using lang::ExplainNode;
using nlohmann::json;

std::string_view view_name(View view) { return view == View::named ? "named" : "resolved"; }

json value_json(const lang::Operand& operand, const fields::Event& event, View view) {
  std::optional<std::string> value = output::value_text(operand, event, view);
  return value ? json(*value) : json(nullptr);
}

json compiled_json(const lang::ExplainTest& test, const match::CompiledTest& made) {
  if (test.event_type) return {{"by_event_type", true}, {"in_program", false}};
  json result = {{"by_event_type", false}, {"in_program", made.in_program}};
  if (!made.in_program) return result;
  result["method"] = made.method;
  result["found_by"] = made.found_by.empty() ? json(nullptr) : json(made.found_by);
  result["gate"] = made.gate;
  result["once_per_process"] = made.remembered;
  result["rules"] = made.rules;
  result["asked"] = made.order ? json(made.order) : json(nullptr);
  result["of"] = made.of;
  return result;
}

class RuleJson {
 public:
  RuleJson(const Explainer& explainer, const EventReport& report, const RuleReport& rule)
      : explainer_(explainer),
        report_(report),
        rule_(rule),
        tree_(explainer.forest().trees()[rule.tree]) {
    for (const match::TestAnswer& answer : report.answers.tests)
      tests_.push_back(answer.in(rule.view));
  }

  json test(std::uint32_t number) const {
    const lang::ExplainTest& row = explainer_.forest().tests()[number];
    const fields::Event& event = *report_.event;
    json result = {{"test", row.whole},
                   {"holds", tests_[number]},
                   {"value", value_json(row.check->left, event, rule_.view)}};
    bool field_right = row.check->op != lang::Op::exists &&
                       (row.check->right.kind == lang::Operand::Kind::field ||
                        row.check->right.kind == lang::Operand::Kind::transform);
    if (field_right) result["right_value"] = value_json(row.check->right, event, rule_.view);
    if (report_.views) {
      const match::TestAnswer& answer = report_.answers.tests[number];
      result["views"] = {
          {"named",
           {{"holds", answer.named}, {"value", value_json(row.check->left, event, View::named)}}},
          {"resolved",
           {{"holds", answer.resolved},
            {"value", value_json(row.check->left, event, View::resolved)}}}};
    }
    return result;
  }

  json tests(const std::vector<std::uint32_t>& numbers) const {
    json list = json::array();
    for (std::uint32_t number : numbers) list.push_back(test(number));
    return list;
  }

  json node(std::uint32_t number) const {
    const ExplainNode& of = tree_.nodes[number];
    json result;
    if (of.kind == ExplainNode::Kind::test) {
      result = test(of.test);
      result["kind"] = "test";
      result["compiled"] = compiled_json(explainer_.forest().tests()[of.test],
                                         explainer_.compiled(rule_, of.test, *report_.event));
    } else {
      result = {{"kind", of.kind == ExplainNode::Kind::all   ? "all"
                         : of.kind == ExplainNode::Kind::any ? "any"
                                                             : "not"},
                {"holds", match::holds(tree_, tests_, number)}};
      json children = json::array();
      for (std::uint32_t child : of.children) children.push_back(node(child));
      result["children"] = std::move(children);
    }
    if (!of.macros.empty()) result["macros"] = of.macros;
    if (!of.exception.empty()) result["exception"] = of.exception;
    return result;
  }

  json whole(bool tree) const {
    const lang::Rule& rule = *tree_.rule;
    json result = {{"rule", rule.name},
                   {"priority", priority_name(rule.priority)},
                   {"file", rule.file},
                   {"line", rule.pos.line},
                   {"enabled", rule.enabled},
                   {"source", rule.source},
                   {"about_this_type", rule_.asked},
                   {"matched", rule_.matched},
                   {"alerts", rule_.alerts},
                   {"earlier_rule", rule_.earlier.empty() ? json(nullptr) : json(rule_.earlier)},
                   {"view", view_name(rule_.view)},
                   {"always_looked_at", explainer_.always_looked_at(rule_, *report_.event)},
                   {"as_compiled", rule_.as_compiled},
                   {"decided_by", tests(rule_.decided_by)},
                   {"nearest", tests(rule_.nearest)}};
    if (tree) result["condition"] = node(0);
    return result;
  }

 private:
  const Explainer& explainer_;
  const EventReport& report_;
  const RuleReport& rule_;
  const lang::ExplainTree& tree_;
  match::Holds tests_;
};

json event_json(const EventReport& report) {
  const fields::Event& event = *report.event;
  std::string time;
  output::append_utc(time, event.time);
  json result = {{"number", event.number},
                 {"time", time},
                 {"evt.time", event.time},
                 {"views_differ", report.views}};
  for (std::string_view name :
       {"evt.type", "proc.name", "proc.pid", "proc.cmdline", "fd.name", "container.id"}) {
    std::string text = field_text(name, event, View::named);
    result[std::string(name)] = text.empty() ? json(nullptr) : json(text);
  }
  if (report.views) result["fd.name resolved"] = field_text("fd.name", event, View::resolved);
  return result;
}

}  // namespace

std::string explain_json(const Explainer& explainer, const EventReport& report, bool trees) {
  json rules = json::array();
  for (const RuleReport& rule : report.rules)
    rules.push_back(RuleJson(explainer, report, rule).whole(trees));
  json all = {{"event", event_json(report)},
              {"rule_matching", explainer.first_only() ? "first" : "all"},
              {"rules", std::move(rules)}};
  return all.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace saker::cli
