// SPDX-License-Identifier: Apache-2.0
// saker replay: rules over what was recorded, as fast as it goes.
#include <cstdio>
#include <memory>
#include <string>

#include "command.h"
#include "enrich/hosts.h"
#include "match/matcher.h"
#include "output/format.h"
#include "progress.h"
#include "rule_arguments.h"
#include "service/event_file.h"

namespace saker::cli {
namespace {

constexpr Option options[] = {
    config_option, rules_option, key_option, all_option, json_option,
    {0, "hosts", "FILE", "names of addresses (/etc/hosts)"},
    {'q', "quiet", "", "no progress and no totals"},
};

constexpr std::string_view text =
    "Reads recordings, and captures of the .scap format, plain or gzip, and prints an alert for each\n"
    "event a rule holds for, as the daemon would have. Totals go to stderr. What could be read of a\n"
    "damaged file counts; exit status 1 tells that something was damaged.\n";

// Names of addresses that rules ask for, of the file given; without one, of the machine's own if it has one.
Result<enrich::Hosts> read_hosts(const Arguments& arguments, const match::Program& program) {
  std::vector<std::string_view> asked = program.asked_names();
  Result<enrich::Hosts> hosts = enrich::Hosts::read(arguments.value("hosts", "/etc/hosts"), asked);
  return hosts || arguments.has("hosts") ? std::move(hosts) : enrich::Hosts();
}

struct Totals {
  std::uint64_t events = 0, alerts = 0, skipped = 0;
};

void replay(service::EventFile& file, const service::Generation& rules, const enrich::Hosts& hosts, Progress& progress,
            Totals& totals) {
  output::FormatOptions format = rules.format;
  if (std::string host = file.host(); !host.empty()) format.hostname = host;
  match::Matcher matcher(*rules.program);
  output::Formatter formatter(rules.texts, format);
  const enrich::Users* users = nullptr;
  file.watch([&] { progress.step(file.position(), totals.events + file.totals().events); });
  while (const service::EventFile::Step* step = file.next(rules.program->asked_kinds())) {
    if (!step->shown) continue;
    match::Event event = step->event;
    event.hosts = &hosts;
    if (event.users != users) {
      users = event.users;
      matcher.use(users);
      formatter.use(users);
    }
    for (const match::Verdict& verdict : matcher.match(event)) {
      totals.alerts++;
      progress.clear();
      print_alert(formatter.render(verdict, event), format.json);
    }
  }
  totals.events += file.totals().events;
  totals.skipped += file.totals().skipped;
}

void complain(const std::string& message) {
  std::fflush(stdout);
  std::fprintf(stderr, "saker replay: %s\n", message.c_str());
}

int run(const Arguments& arguments) {
  if (arguments.words.empty()) return usage_error(replay_command, "which file?");
  Result<std::unique_ptr<service::Generation>> rules = load_rules(arguments);
  if (!rules) {
    std::fputs(rules.error().message.c_str(), stderr);
    return exit_failed;
  }
  bool quiet = arguments.has("quiet");
  if (!quiet) std::fputs((*rules)->warnings.c_str(), stderr);
  Result<enrich::Hosts> hosts = read_hosts(arguments, *(*rules)->program);
  if (!hosts) {
    complain(hosts.error().message);
    return exit_failed;
  }
  Totals totals;
  Progress progress(!quiet);
  int status = exit_ok;
  for (const std::string& path : arguments.words) {
    Result<std::unique_ptr<service::EventFile>> file = service::EventFile::open(path);
    if (!file) {
      complain(file.error().message);
      status = exit_failed;
      continue;
    }
    progress.begin(path, (*file)->size());
    replay(**file, **rules, *hosts, progress, totals);
    progress.clear();
    for (const std::string& message : (*file)->damage()) complain(message);
    if (!(*file)->damage().empty()) status = exit_failed;
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
    .summary = "run rules over recordings and captures",
    .text = text,
    .options = options,
    .run = run,
};

}  // namespace saker::cli
