// SPDX-License-Identifier: Apache-2.0
// saker replay: rules over what was recorded, as fast as it goes.
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <string>

#include "capture/scap.h"
#include "command.h"
#include "enrich/scap_images.h"
#include "match/matcher.h"
#include "output/format.h"
#include "progress.h"
#include "service/config.h"
#include "service/generation.h"
#include "terminal.h"

namespace saker::cli {
namespace {

constexpr std::string_view default_config = "/etc/saker/saker.toml";

constexpr Option options[] = {
    {'c', "config", "FILE", "configuration (/etc/saker/saker.toml, if there is one)"},
    {'r', "rules", "PATH", "rules file or directory in place of the configuration's; may be repeated"},
    {'o', "option", "KEY=VALUE", "a key of the configuration; may be repeated"},
    {'a', "all", "", "every rule that holds for an event, not only the first"},
    json_option,
    {'q', "quiet", "", "no progress and no totals"},
};

constexpr std::string_view text =
    "Reads captures of the .scap format, plain or gzip, and prints an alert for each event a rule\n"
    "holds for, as the daemon would have. Totals go to stderr. What could be read of a damaged\n"
    "file counts; exit status 1 tells that something was damaged.\n";

struct Totals {
  std::uint64_t events = 0, alerts = 0, skipped = 0;
};

// Rules, and how alerts look, as the command line and the configuration say. The error is ready to be printed.
Result<std::unique_ptr<service::Generation>> load(const Arguments& arguments) {
  std::string path = arguments.value("config", default_config);
  bool asked = arguments.has("config");
  if (!asked && access(path.c_str(), F_OK) != 0) path.clear();
  service::ConfigResult read = service::load_config(path, asked, arguments.values("option"));
  if (!read.ok()) {
    std::string all;
    for (const service::ConfigMistake& mistake : read.mistakes) all += service::render(mistake);
    return Error{all};
  }
  service::Config& config = read.config;
  if (arguments.has("rules")) config.rules_files = arguments.values("rules");
  if (arguments.has("all")) config.rule_matching = lang::RuleMatching::all;
  // Without a configuration alerts look as Falco's do without one.
  if (path.empty() && config.append_output.empty()) {
    lang::AppendOutput suggested;
    suggested.suggested_output = true;
    config.append_output.push_back(suggested);
  }
  Result<std::unique_ptr<service::Generation>> made = service::load_generation(config);
  if (!made) return made.error();
  (*made)->format.json = arguments.has("json") || config.json_output;
  (*made)->format.text = !(*made)->format.json;
  return made;
}

void print(const output::Alert& alert, bool json) {
  if (json) {
    std::fwrite(alert.json.data(), 1, alert.json.size(), stdout);
    std::fputc('\n', stdout);
    return;
  }
  std::string line = alert_line(alert.text, lang::priority_name(alert.priority));
  std::fwrite(line.data(), 1, line.size(), stdout);
  std::fputc('\n', stdout);
}

// One file through the rules. The error is the file's, after what could be read of it.
Result<void> replay(const std::string& path, const service::Generation& rules, Progress& progress,
                    Totals& totals) {
  namespace scap = capture::scap;
  Result<std::unique_ptr<scap::Reader>> opened = scap::Reader::open(path);
  if (!opened) return opened.error();
  scap::Reader& reader = **opened;
  output::FormatOptions format = rules.format;
  if (!reader.state().machine.host.empty()) format.hostname = reader.state().machine.host;
  enrich::ScapImages images(reader.state());
  match::Matcher matcher(*rules.program);
  output::Formatter formatter(rules.texts, format);
  const enrich::Users* users = nullptr;
  progress.begin(path, reader.size());
  Result<void> end;
  for (;;) {
    Result<const scap::Step*> next = reader.next();
    if (!next) {
      end = next.error();
      break;
    }
    if (!*next) break;
    const scap::Step& step = **next;
    totals.events++;
    progress.step(reader.position(), totals.events);
    if (step.hidden || step.record_type == 0 || !rules.program->asked_events()[step.record_type]) continue;
    match::Event event{.record = decode::Record(reader.record().data()), .process = images.at(step.thread)};
    event.time = step.time;
    event.number = step.number;
    event.users = images.users(step.thread);
    if (event.users != users) {
      users = event.users;
      matcher.use(users);
      formatter.use(users);
    }
    for (const match::Verdict& verdict : matcher.match(event)) {
      totals.alerts++;
      progress.clear();
      print(formatter.render(verdict, event), format.json);
    }
  }
  totals.skipped += reader.counters().unknown_blocks + reader.counters().unknown_events;
  return end;
}

int run(const Arguments& arguments) {
  if (arguments.words.empty()) return usage_error(replay_command, "which file?");
  Result<std::unique_ptr<service::Generation>> rules = load(arguments);
  if (!rules) {
    std::fputs(rules.error().message.c_str(), stderr);
    return exit_failed;
  }
  bool quiet = arguments.has("quiet");
  if (!quiet) std::fputs((*rules)->warnings.c_str(), stderr);
  Totals totals;
  Progress progress(!quiet);
  int status = exit_ok;
  for (const std::string& path : arguments.words) {
    Result<void> done = replay(path, **rules, progress, totals);
    progress.clear();
    if (done) continue;
    std::fflush(stdout);
    std::fprintf(stderr, "saker replay: %s\n", done.error().message.c_str());
    status = exit_failed;
  }
  std::fflush(stdout);
  if (!quiet) {
    std::fprintf(stderr, "%llu events, %llu alerts, %s\n", static_cast<unsigned long long>(totals.events),
                 static_cast<unsigned long long>(totals.alerts), progress.total(totals.events).c_str());
    if (totals.skipped)
      std::fprintf(stderr, "%llu blocks or events of unknown types skipped\n",
                   static_cast<unsigned long long>(totals.skipped));
  }
  return status;
}

}  // namespace

const Command replay_command = {
    .name = "replay",
    .synopsis = "FILE...",
    .summary = "run rules over captures",
    .text = text,
    .options = options,
    .run = run,
};

}  // namespace saker::cli
