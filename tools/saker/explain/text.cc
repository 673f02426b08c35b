// SPDX-License-Identifier: Apache-2.0
// A report for people: the event, the rule's condition as a tree with one test per line, and the
// conclusions.
#include <algorithm>

#include "../terminal.h"
#include "lang/print.h"
#include "output/clock.h"
#include "output/escape.h"
#include "output/explain_value.h"
#include "report.h"

namespace saker::cli {
namespace {

using fields::View;
using lang::ExplainNode;

constexpr std::size_t longest_value = 160;

// Safe for a terminal, and of limited length.
std::string shown(std::string_view raw) {
  std::string text;
  output::append_line(text, raw.substr(0, longest_value));
  return raw.size() > longest_value ? text + "..." : text;
}

std::string value_of(const lang::Operand& operand, const fields::Event& event, View view) {
  std::optional<std::string> value = output::value_text(operand, event, view);
  if (!value) return "has no value";
  return value->empty() ? "is empty" : "is " + shown(*value);
}

std::string view_name(View view) { return view == View::named ? "as named" : "as resolved"; }

std::string ordinal(std::uint32_t n) {
  std::uint32_t ten = n % 100 / 10, one = n % 10;
  std::string_view end = ten == 1   ? "th"
                         : one == 1 ? "st"
                         : one == 2 ? "nd"
                         : one == 3 ? "rd"
                                    : "th";
  return std::to_string(n) + std::string(end);
}

class TreeText {
 public:
  TreeText(const Explainer& explainer, const EventReport& report, const RuleReport& rule,
           bool brief)
      : explainer_(explainer),
        report_(report),
        rule_(rule),
        tree_(explainer.forest().trees()[rule.tree]),
        brief_(brief) {
    for (const match::TestAnswer& answer : report.answers.tests)
      tests_.push_back(answer.in(rule.view));
  }

  std::string tree() {
    add_node(0, 0, "");
    return std::move(text_);
  }

  // The value that a test compared, and its result.
  std::string test_line(std::uint32_t number) const {
    const lang::ExplainTest& test = explainer_.forest().tests()[number];
    std::string line = shown(test.text) + "  (" + shown(lang::print(test.check->left)) + " " +
                       value_of(test.check->left, *report_.event, rule_.view);
    bool field_right = test.check->op != lang::Op::exists &&
                       (test.check->right.kind == lang::Operand::Kind::field ||
                        test.check->right.kind == lang::Operand::Kind::transform);
    if (field_right)
      line += "; the right side " + value_of(test.check->right, *report_.event, rule_.view);
    line += other_view(number, test) + ")";
    return line;
  }

 private:
  bool has(const std::vector<std::uint32_t>& tests, std::uint32_t test) const {
    return std::find(tests.begin(), tests.end(), test) != tests.end();
  }

  std::string other_view(std::uint32_t number, const lang::ExplainTest& test) const {
    if (!report_.views) return "";
    View other = rule_.view == View::named ? View::resolved : View::named;
    std::string here = value_of(test.check->left, *report_.event, rule_.view);
    std::string there = value_of(test.check->left, *report_.event, other);
    bool same = report_.answers.tests[number].named == report_.answers.tests[number].resolved;
    if (here == there && same) return "";
    return "; " + view_name(other) + " " + there + (same ? "" : ": " + outcome_word(number, other));
  }
  std::string outcome_word(std::uint32_t number, View view) const {
    return report_.answers.tests[number].in(view) ? "yes" : "no";
  }

  bool decides(std::uint32_t number) const {
    const ExplainNode& node = tree_.nodes[number];
    if (node.kind == ExplainNode::Kind::test)
      return has(rule_.decided_by, node.test) || has(rule_.nearest, node.test);
    return std::any_of(node.children.begin(), node.children.end(),
                       [&](std::uint32_t child) { return decides(child); });
  }

  std::size_t tests_below(std::uint32_t number) const {
    const ExplainNode& node = tree_.nodes[number];
    if (node.kind == ExplainNode::Kind::test) return 1;
    std::size_t sum = 0;
    for (std::uint32_t child : node.children) sum += tests_below(child);
    return sum;
  }

  // The origin of a part: "exception backup: ", "macro open_read: ".
  static std::string label(const ExplainNode& node) {
    std::string text;
    if (!node.exception.empty()) text += "exception " + node.exception + ": ";
    for (const std::string& macro : node.macros) text += "macro " + macro + ": ";
    return text;
  }

  void line(std::uint32_t number, unsigned depth, std::string_view mark, const std::string& what) {
    bool yes = match::holds(tree_, tests_, number);
    std::string outcome = yes ? "yes" : "no ";
    text_ += marked(outcome, yes ? Mark::good : Mark::plain) + " " + std::string(mark) + " " +
             std::string(2 * depth, ' ') + what + "\n";
  }

  void add_node(std::uint32_t number, unsigned depth, std::string before) {
    const ExplainNode& node = tree_.nodes[number];
    before += label(node);
    if (node.kind == ExplainNode::Kind::test) return add_test(number, depth, before);
    // For a rule that matched, parts that do not apply to the event are not interesting either.
    bool excluded = rule_.matched && node.kind == ExplainNode::Kind::negate;
    if (brief_ && depth > 0 && (excluded || !decides(number))) {
      std::size_t count = tests_below(number);
      std::string what = before;
      if (node.kind == ExplainNode::Kind::negate)
        what += "not " + label(tree_.nodes[node.children[0]]);
      return line(number, depth, " ",
                  what + "... " + std::to_string(count) + (count == 1 ? " test" : " tests"));
    }
    if (node.kind == ExplainNode::Kind::negate) {
      const ExplainNode& child = tree_.nodes[node.children[0]];
      // A test under a `not` is one line, which shows the test's own result negated.
      if (child.kind == ExplainNode::Kind::test)
        return add_test(number, depth, before + "not " + label(child));
      line(number, depth, " ", before + "not");
      return add_node(node.children[0], depth + 1, "");
    }
    line(number, depth, " ", before + (node.kind == ExplainNode::Kind::all ? "all of" : "any of"));
    for (std::uint32_t child : node.children) add_node(child, depth + 1, "");
  }

  // A test, or its negation.
  void add_test(std::uint32_t number, unsigned depth, const std::string& before) {
    const ExplainNode& node = tree_.nodes[number];
    std::uint32_t test =
        node.kind == ExplainNode::Kind::test ? node.test : tree_.nodes[node.children[0]].test;
    std::string_view mark = has(rule_.decided_by, test) ? "*"
                            : has(rule_.nearest, test)  ? "~"
                                                        : " ";
    std::string made = compiled(test);
    line(number, depth, mark,
         before + test_line(test) +
             (made.empty() ? "" : "  " + marked("[" + made + "]", Mark::dim)));
  }

  std::string compiled(std::uint32_t number) const {
    if (explainer_.forest().tests()[number].event_type)
      return "by event type: the kernel writes only the types that rules ask for";
    match::CompiledTest test = explainer_.compiled(rule_, number, *report_.event);
    if (!rule_.asked || !tree_.rule->enabled) return "";
    if (!test.in_program || !test.order) return "answered when the rules were compiled";
    std::string text = test.method;
    if (!test.found_by.empty()) text += "; finds the rule: " + test.found_by;
    if (test.gate) text += "; tested before the rule, for all rules that need it";
    text += "; " + ordinal(test.order) + " of " + std::to_string(test.of) + " to be asked";
    if (test.remembered) text += "; once per process image";
    if (test.rules > 1) text += "; shared by " + std::to_string(test.rules) + " rules";
    return text;
  }

  const Explainer& explainer_;
  const EventReport& report_;
  const RuleReport& rule_;
  const lang::ExplainTree& tree_;
  bool brief_;
  match::Holds tests_;
  std::string text_;
};

std::string event_line(const EventReport& report) {
  const fields::Event& event = *report.event;
  std::string time;
  output::append_time_of_day(time, event.time);
  std::string text = "event " + std::to_string(event.number) + ", " + time + ": " +
                     field_text("evt.type", event, View::named) + " by " +
                     shown(field_text("proc.cmdline", event, View::named)) + " (" +
                     field_text("proc.pid", event, View::named) + ")";
  std::string named = field_text("fd.name", event, View::named);
  if (!named.empty()) text += ", " + shown(named);
  if (report.views)
    text += " (resolved: " + shown(field_text("fd.name", event, View::resolved)) + ")";
  return text + "\n";
}

std::string verdict_line(const EventReport& report, const RuleReport& rule, const lang::Rule& of) {
  if (!rule.asked)
    return "no: the rule is not about events of type " +
           field_text("evt.type", *report.event, View::named);
  std::string text = rule.matched ? "yes" : "no";
  if (rule.matched && report.views)
    text += rule.view == View::named ? ", with the paths as named"
                                     : ", with the paths as the kernel resolved them";
  if (!of.enabled) return text + "; but the rule is not enabled";
  if (of.source != "syscall")
    return text + "; but its source " + of.source + " is not this sensor's";
  if (!rule.earlier.empty())
    return text + "; but rule \"" + rule.earlier +
           "\" comes before it and only the first alerts (rule_matching = \"first\")";
  return text;
}

// The tests that determined the result; if there are many, those that are true.
std::string decided_text(const EventReport& report, const RuleReport& rule, const TreeText& tree) {
  constexpr std::size_t many = 8;
  std::size_t count = rule.decided_by.size();
  std::string text = count == 1      ? "* decided by this test:\n"
                     : count <= many ? "* decided by these tests:\n"
                                     : "* decided by " + std::to_string(count) +
                                           " tests, marked above; those that are true:\n";
  for (std::uint32_t test : rule.decided_by) {
    bool holds = report.answers.tests[test].in(rule.view);
    if (count <= many || holds)
      text += (holds ? "    yes " : "    no  ") + tree.test_line(test) + "\n";
  }
  return text;
}

std::string rule_text(const Explainer& explainer, const EventReport& report, const RuleReport& rule,
                      bool brief) {
  const lang::Rule& of = *explainer.forest().trees()[rule.tree].rule;
  TreeText tree(explainer, report, rule, brief);
  std::string text = "rule \"" + of.name + "\", " + std::string(priority_name(of.priority)) + ", " +
                     place_of(of) + "\n" + "matches: ";
  text += marked(verdict_line(report, rule, of), rule.alerts    ? Mark::good
                                                 : rule.matched ? Mark::doubtful
                                                                : Mark::plain);
  text += "\n\n" + tree.tree() + "\n";
  text += decided_text(report, rule, tree);
  if (rule.nearest.empty() && !rule.matched)
    text += "  no set of tests that could change would make it match\n";
  if (!rule.nearest.empty())
    text += rule.nearest.size() == 1
                ? "~ it would match if the result of this test changed:\n"
                : "~ it would match if the results of these tests changed, and no fewer:\n";
  for (std::uint32_t test : rule.nearest) {
    bool now = report.answers.tests[test].in(rule.view);
    text += std::string("    ") + (now ? "yes " : "no  ") + tree.test_line(test) + "\n";
  }
  if (explainer.always_looked_at(rule, *report.event))
    text += "  no table finds the rule: its tests are evaluated at every event of this type\n";
  if (!rule.as_compiled)
    text += marked("this tree and the compiled rules disagree: please report it\n", Mark::bad);
  return text;
}

}  // namespace

std::string explain_text(const Explainer& explainer, const EventReport& report, bool brief) {
  std::string text = event_line(report);
  for (const RuleReport& rule : report.rules) text += rule_text(explainer, report, rule, brief);
  return text;
}

std::string explain_test(const Explainer& explainer, const EventReport& report,
                         const RuleReport& rule, std::uint32_t test) {
  return TreeText(explainer, report, rule, false).test_line(test);
}

std::string explain_overview(const Explainer& explainer, const EventReport& report) {
  std::string text = event_line(report);
  if (report.rules.empty()) text += "no rule is about events of this type\n";
  for (const RuleReport& rule : report.rules) {
    const lang::Rule& of = *explainer.forest().trees()[rule.tree].rule;
    TreeText tree(explainer, report, rule, false);
    std::string state = !of.enabled ? " (not enabled)" : "";
    if (!rule.earlier.empty()) state += " (after \"" + rule.earlier + "\")";
    if (!rule.as_compiled) state += " (the compiled rules disagree: please report it)";
    text += marked(rule.matched ? "yes" : "no ", rule.alerts ? Mark::good : Mark::plain) + " " +
            of.name + state + ": ";
    const std::vector<std::uint32_t>& tests =
        rule.matched || rule.nearest.empty() ? rule.decided_by : rule.nearest;
    text += rule.matched
                ? std::to_string(tests.size()) + (tests.size() == 1 ? " test holds" : " tests hold")
            : rule.nearest.empty() ? "decided by "
            : tests.size() == 1    ? "but for "
                                   : "but for " + std::to_string(tests.size()) + " tests: ";
    if (rule.matched) {
      text += rule.view == View::resolved ? ", with the paths as resolved\n" : "\n";
      continue;
    }
    text += tree.test_line(tests[0]) + "\n";
  }
  return text;
}

}  // namespace saker::cli
