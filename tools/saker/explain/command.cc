// SPDX-License-Identifier: Apache-2.0
// saker explain: why a rule matched an event, or why not.
#include "../command.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <map>

#include "../progress.h"
#include "../rule_arguments.h"
#include "lang/describe.h"
#include "report.h"
#include "run/generation.h"
#include "service/event_file.h"
#include "target.h"

namespace saker::cli {
namespace {

constexpr Option options[] = {
    {'e', "event", "NUMBER", "the event, by evt.num; may be repeated"},
    {0, "rule", "NAME", "the rule; default: one line for every rule about events of this type"},
    {0, "alert", "FILE", "alerts as JSON, one per line, - for stdin: each names event and rule"},
    {'b', "brief", "", "leave out tests that neither decided nor would have to change"},
    config_option,
    rules_option,
    key_option,
    all_option,
    json_option,
};

constexpr std::string_view text =
    "Runs the rules up to one event of a capture or recording and reports why a rule matches\n"
    "it or not: its condition as a tree, each test with its result and the value it tested,\n"
    "what the compiler made of it, which tests decided (*), and which results would have to\n"
    "change (~). FILE:NUMBER names an event too; FILE is - for standard input. With --rule\n"
    "and no event, the events that come closest to matching are listed. Exit status 1: there\n"
    "is no such event or rule, or the file is damaged.\n";

constexpr std::size_t listed = 10;

// The request, with the answer as far as it was found.
struct Question {
  Target target;
  std::optional<std::size_t> rule;  // index
  std::string answer;
  bool matched = false;
};

class Explanation {
 public:
  Explanation(lang::RuleSet rules, lang::RuleMatching matching, bool json, bool brief)
      : rules_(std::move(rules)), matching_(matching), json_(json), brief_(brief) {}

  // The error in the request, ready to be printed; "" if there is none.
  std::string add(Target target);
  Result<void> explain(service::EventFile& file);
  // Finds the events that come closest to matching a rule.
  Result<void> search(service::EventFile& file, std::size_t rule);
  // Prints the result; false if something was not found.
  bool print(const std::string& path, const service::EventFile& file) const;
  std::optional<std::size_t> find_rule(const std::string& name, std::string& problem) const;

 private:
  Result<Explainer*> explainer(std::optional<std::size_t> rule);
  std::string render(const Explainer& explainer, const EventReport& report,
                     std::optional<std::size_t> rule) const;

  lang::RuleSet rules_;
  lang::RuleMatching matching_;
  bool json_, brief_;
  std::vector<Question> questions_;
  std::map<std::optional<std::size_t>, std::unique_ptr<Explainer>> explainers_;
  std::uint64_t last_ = 0;  // number of the last event seen
};

std::optional<std::size_t> Explanation::find_rule(const std::string& name,
                                                  std::string& problem) const {
  for (std::size_t i = 0; i < rules_.rules.size(); i++)
    if (rules_.rules[i].name == name) return i;
  std::string near = lang::nearest_item(rules_, name);
  problem = "there is no rule \"" + name + "\"" +
            (near.empty() ? "; saker rules list" : "; did you mean \"" + near + "\"?");
  return std::nullopt;
}

std::string Explanation::add(Target target) {
  Question question{std::move(target), std::nullopt, "", false};
  if (!question.target.rule.empty()) {
    std::string problem;
    question.rule = find_rule(question.target.rule, problem);
    if (!question.rule) return problem;
  }
  questions_.push_back(std::move(question));
  return "";
}

Result<Explainer*> Explanation::explainer(std::optional<std::size_t> rule) {
  std::unique_ptr<Explainer>& made = explainers_[rule];
  if (!made) {
    Result<std::unique_ptr<Explainer>> fresh = Explainer::make(rules_, matching_, rule);
    if (!fresh) return fresh.error();
    made = std::move(*fresh);
  }
  return made.get();
}

std::string Explanation::render(const Explainer& explainer, const EventReport& report,
                                std::optional<std::size_t> rule) const {
  if (json_) return explain_json(explainer, report, rule.has_value());
  return rule ? explain_text(explainer, report, brief_) : explain_overview(explainer, report);
}

Result<void> Explanation::explain(service::EventFile& file) {
  service::EventFile::Types every;
  every.set();
  while (const service::EventFile::Step* step = file.next(every)) {
    last_ = std::max(last_, step->event.number);
    for (Question& question : questions_) {
      const Target& target = question.target;
      bool this_one =
          target.number ? step->event.number == *target.number : step->event.time == *target.time;
      // Several events may have the time of an alert: take one that its rule matches.
      if (!this_one || !step->shown || question.matched) continue;
      Result<Explainer*> explainer = this->explainer(question.rule);
      if (!explainer) return explainer.error();
      EventReport report = (*explainer)->explain(step->event);
      question.matched = !report.rules.empty() && report.rules[0].matched;
      if (question.matched || question.answer.empty())
        question.answer = render(**explainer, report, question.rule);
    }
  }
  return {};
}

// One line for an event that came close.
std::string near_line(const Explainer& explainer, const EventReport& report,
                      const RuleReport& rule) {
  std::string line = "event " + std::to_string(report.event->number) + ": ";
  if (rule.matched) return line + "matches\n";
  line += rule.nearest.size() == 1 ? "but for "
                                   : "but for " + std::to_string(rule.nearest.size()) + " tests: ";
  for (std::size_t i = 0; i < rule.nearest.size() && i < 2; i++)
    line += (i ? "; " : "") + explain_test(explainer, report, rule, rule.nearest[i]);
  return line + (rule.nearest.size() > 2 ? "; ...\n" : "\n");
}

Result<void> Explanation::search(service::EventFile& file, std::size_t rule) {
  Result<Explainer*> made = explainer(rule);
  if (!made) return made.error();
  const service::EventFile::Types types = fields::kinds_of(rules_.rules[rule].events);
  std::multimap<std::size_t, std::string> best;
  std::uint64_t matched = 0, looked = 0;
  while (const service::EventFile::Step* step = file.next(types)) {
    if (!step->shown) continue;
    looked++;
    EventReport report = (*made)->explain(step->event, match::Effort::quick);
    const RuleReport& rule = report.rules[0];
    matched += rule.matched;
    if (!rule.matched && rule.nearest.empty()) continue;
    bool worth = best.size() < listed || rule.nearest.size() < best.rbegin()->first;
    if (!worth) continue;
    best.emplace(rule.nearest.size(),
                 json_ ? explain_json(**made, report, false) : near_line(**made, report, rule));
    if (best.size() > listed) best.erase(std::prev(best.end()));
  }
  Question& answer = questions_.emplace_back();
  answer.answer = json_ ? ""
                        : "rule \"" + rules_.rules[rule].name + "\" matches " +
                              std::to_string(matched) + " of the " + std::to_string(looked) +
                              " events of its types; nearest:\n";
  for (const auto& [distance, line] : best) answer.answer += line;
  return {};
}

bool Explanation::print(const std::string& path, const service::EventFile& file) const {
  bool all = true;
  for (const Question& question : questions_) {
    std::fwrite(question.answer.data(), 1, question.answer.size(), stdout);
    if (!question.answer.empty()) continue;
    all = false;
    std::fflush(stdout);
    const Target& target = question.target;
    if (!target.number)
      std::fprintf(stderr, "saker explain: %s: no event has the time of the alert of rule \"%s\"\n",
                   path.c_str(), target.rule.c_str());
    else if (*target.number > std::max(last_, file.totals().events) || *target.number == 0)
      std::fprintf(stderr, "saker explain: %s: there is no event %llu: the file has %llu\n",
                   path.c_str(), static_cast<unsigned long long>(*target.number),
                   static_cast<unsigned long long>(std::max(last_, file.totals().events)));
    else
      std::fprintf(stderr, "saker explain: %s: event %llu has a type that no rule can name here\n",
                   path.c_str(), static_cast<unsigned long long>(*target.number));
  }
  return all;
}

// The targets of all alerts in a file or on stdin.
Result<std::vector<Target>> read_alerts(const std::string& path) {
  std::ifstream file;
  if (path != "-") file.open(path);
  if (path != "-" && !file) return Error::from_errno(path);
  std::istream& in = path == "-" ? std::cin : file;
  std::vector<Target> targets;
  std::size_t number = 0;
  for (std::string line; std::getline(in, line);) {
    number++;
    if (line.empty()) continue;
    Result<Target> target = target_of_alert(line);
    if (!target) return Error{path + ":" + std::to_string(number) + ": " + target.error().message};
    targets.push_back(std::move(*target));
  }
  if (targets.empty()) return Error{path + ": no alert in it"};
  return targets;
}

// The targets in the command line, or the error in it.
Result<std::vector<Target>> targets_of(const Arguments& arguments, std::string& path) {
  std::vector<Target> targets;
  std::vector<std::string> numbers = arguments.values("event");
  if (std::optional<std::uint64_t> number = take_number(path))
    numbers.push_back(std::to_string(*number));
  for (const std::string& text : numbers) {
    std::uint64_t number = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size())
      return Error{"--event: \"" + text + "\" is not a number"};
    targets.push_back({number, std::nullopt, arguments.value("rule")});
  }
  if (!arguments.has("alert")) return targets;
  Result<std::vector<Target>> alerts = read_alerts(arguments.value("alert"));
  if (!alerts) return alerts.error();
  for (Target& target : *alerts) {
    if (arguments.has("rule")) target.rule = arguments.value("rule");
    targets.push_back(std::move(target));
  }
  return targets;
}

int fail(const std::string& message) {
  std::fprintf(stderr, "saker explain: %s\n", message.c_str());
  return exit_failed;
}

int run(const Arguments& arguments) {
  if (arguments.words.size() != 1) return usage_error(explain_command, "needs one file");
  std::string path = arguments.words[0];
  const bool from_stdin = path == "-" || path.starts_with("-:");
  if (from_stdin && arguments.value("alert") == "-")
    return usage_error(explain_command, "standard input cannot be both the alerts and the file");
  Result<std::vector<Target>> targets = targets_of(arguments, path);
  if (!targets) return usage_error(explain_command, targets.error().message);
  if (targets->empty() && !arguments.has("rule"))
    return usage_error(explain_command,
                       "which event? --event NUMBER, FILE:NUMBER or --alert FILE; or --rule NAME "
                       "to look for events");
  Result<run::Config> config = read_config(arguments);
  if (!config) return std::fputs(config.error().message.c_str(), stderr), exit_failed;
  lang::RuleSet rules = lang::load_rules(config->rules_files, run::load_options(*config));
  for (const lang::Diagnostic& diagnostic : rules.diagnostics())
    if (diagnostic.error()) std::fputs(lang::render(diagnostic).c_str(), stderr);
  if (!rules.ok()) return exit_failed;
  Explanation explanation(std::move(rules), config->rule_matching, arguments.has("json"),
                          arguments.has("brief"));
  std::string problem;
  std::optional<std::size_t> searched;
  if (targets->empty()) searched = explanation.find_rule(arguments.value("rule"), problem);
  for (Target& target : *targets)
    if (problem.empty()) problem = explanation.add(std::move(target));
  if (!problem.empty()) return fail(problem);
  Result<std::unique_ptr<service::EventFile>> file = service::EventFile::open(path);
  if (!file) return fail(file.error().message);
  Progress progress(true);
  progress.begin(path, (*file)->size());
  (*file)->watch([&] { progress.step((*file)->position(), (*file)->totals().events); });
  Result<void> done =
      searched ? explanation.search(**file, *searched) : explanation.explain(**file);
  progress.clear();
  if (!done) return fail(done.error().message);
  bool found = explanation.print(path, **file);
  for (const std::string& damage : (*file)->damage()) fail(damage);
  return found && (*file)->damage().empty() ? exit_ok : exit_failed;
}

}  // namespace

const Command explain_command = {
    .name = "explain",
    .synopsis = "[--event NUMBER] [--rule NAME] FILE",
    .summary = "why a rule matches an event, or not",
    .text = text,
    .options = options,
    .run = run,
};

}  // namespace saker::cli
