// SPDX-License-Identifier: Apache-2.0
// saker backtest: the alerts that a change of the rules would have caused.
#include "../command.h"

#include <charconv>
#include <cstdio>
#include <optional>

#include "../progress.h"
#include "../rule_arguments.h"
#include "proposal.h"
#include "report.h"
#include "run/generation.h"

namespace saker::cli {
namespace {

constexpr Option options[] = {
    rules_option,
    {0, "baseline", "PATH", "the rules to compare with; may be repeated"},
    {0, "against", "FILE", "capture or recording, like FILE after the options; may be repeated"},
    {0, "noisy", "N", "propose an exception for a rule with at least N new alerts (5); 0: never"},
    {0, "fail-on-new", "", "exit status 1 if there are new alerts; without --baseline: any"},
    config_option,
    key_option,
    all_option,
    json_option,
    {'q', "quiet", "", "no progress and no totals"},
};

constexpr std::string_view text =
    "Runs rules over captures and recordings and counts their alerts by rule: now, and with\n"
    "--baseline also before, new and gone. For a rule that is noisy it shows where the alerts\n"
    "come from and proposes an exception, and tests it to show what it hides. Exit status: 0\n"
    "done; 1 with --fail-on-new: there are new alerts; 2 the rules or a file could not be\n"
    "read, or a file is damaged.\n";

constexpr int exit_trouble = 2;

int trouble(const std::string& message) {
  std::fprintf(stderr, "saker backtest: %s\n", message.c_str());
  return exit_trouble;
}

// Prints the errors; then returns no rules.
std::optional<lang::RuleSet> load(const std::vector<std::string>& paths,
                                  const run::Config& config) {
  lang::RuleSet rules = lang::load_rules(paths, run::load_options(config));
  if (rules.ok()) return rules;
  for (const lang::Diagnostic& diagnostic : rules.diagnostics())
    if (diagnostic.error()) std::fputs(lang::render(diagnostic).c_str(), stderr);
  return std::nullopt;
}

struct BacktestSettings {
  run::Config config;
  std::vector<std::string> files, baseline;
  std::uint64_t noisy = 5;
  Watch watch;
};

void add_proposals(const BacktestSettings& setting, BacktestReport& report) {
  if (setting.noisy == 0) return;
  for (const auto& [name, tally] : report.result.rules) {
    bool fresh_only = report.baseline && tally.fresh > 0;
    std::uint64_t alerts = fresh_only ? tally.fresh : tally.now;
    if (alerts < setting.noisy) continue;
    if (std::optional<Proposal> proposal = propose(name, tally, report.result.texts, fresh_only))
      report.proposals.emplace(name, std::move(*proposal));
  }
  if (report.proposals.empty()) return;
  auto with = [&](const std::string& extra) {
    std::vector<std::string> paths = setting.config.rules_files;
    paths.push_back(extra);
    return lang::load_rules(paths, run::load_options(setting.config));
  };
  Result<void> tried = try_proposals(report.proposals, report.result, setting.config.rule_matching,
                                     with, setting.watch);
  if (!tried) report.trial_failure = tried.error().message;
}

// An empty error was printed already.
Result<BacktestReport> backtest(const BacktestSettings& setting) {
  std::optional<lang::RuleSet> set = load(setting.config.rules_files, setting.config);
  if (!set) return Error{""};
  Result<RunnableRules> now = RunnableRules::make(std::move(*set), setting.config.rule_matching);
  if (!now) return now.error();
  BacktestReport report;
  report.baseline = !setting.baseline.empty();
  RunnableRules before;
  if (report.baseline) {
    std::optional<lang::RuleSet> old = load(setting.baseline, setting.config);
    if (!old) return Error{""};
    Result<RunnableRules> made = RunnableRules::make(std::move(*old), setting.config.rule_matching);
    if (!made) return made.error();
    before = std::move(*made);
  }
  Result<Backtest> result =
      run_backtest(setting.files, *now, report.baseline ? &before : nullptr, setting.watch);
  if (!result) return result.error();
  report.result = std::move(*result);
  add_proposals(setting, report);
  return report;
}

int run(const Arguments& arguments) {
  BacktestSettings setting;
  setting.files = arguments.values("against");
  setting.files.insert(setting.files.end(), arguments.words.begin(), arguments.words.end());
  if (setting.files.empty()) return usage_error(backtest_command, "against which file?");
  setting.baseline = arguments.values("baseline");
  std::string noisy = arguments.value("noisy", "5");
  auto [end, error] = std::from_chars(noisy.data(), noisy.data() + noisy.size(), setting.noisy);
  if (error != std::errc() || end != noisy.data() + noisy.size())
    return usage_error(backtest_command, "--noisy: \"" + noisy + "\" is not a number");
  Result<run::Config> config = read_config(arguments);
  if (!config) return std::fputs(config.error().message.c_str(), stderr), exit_trouble;
  setting.config = std::move(*config);
  bool quiet = arguments.has("quiet");
  Progress progress(!quiet);
  setting.watch.begin = [&](const std::string& name, std::uint64_t size) {
    progress.begin(name, size);
  };
  setting.watch.step = [&](std::uint64_t position, std::uint64_t events) {
    progress.step(position, events);
  };
  Result<BacktestReport> report = backtest(setting);
  progress.clear();
  if (!report)
    return report.error().message.empty() ? exit_trouble : trouble(report.error().message);
  std::string out = arguments.has("json") ? backtest_json(*report) : backtest_text(*report);
  std::fwrite(out.data(), 1, out.size(), stdout);
  std::fflush(stdout);
  if (!quiet)
    std::fprintf(stderr, "%llu events, %s\n",
                 static_cast<unsigned long long>(report->result.events),
                 progress.total(report->result.events).c_str());
  for (const std::string& damage : report->result.damage) trouble(damage);
  if (!report->result.damage.empty()) return exit_trouble;
  return arguments.has("fail-on-new") && fresh_alerts(*report) > 0 ? exit_failed : exit_ok;
}

}  // namespace

const Command backtest_command = {
    .name = "backtest",
    .synopsis = "--rules PATH [--baseline PATH] --against FILE...",
    .summary = "alerts that a change of the rules would have made",
    .text = text,
    .options = options,
    .run = run,
};

}  // namespace saker::cli
