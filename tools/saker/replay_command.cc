// SPDX-License-Identifier: Apache-2.0
// saker replay: runs rules over a recording or capture, as fast as possible or at its original
// pace.
#include <charconv>
#include <cstdio>
#include <memory>
#include <string>

#include "base/clock.h"
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
    config_option,
    rules_option,
    key_option,
    all_option,
    json_option,
    {0, "hosts", "FILE", "names of addresses (/etc/hosts)"},
    {0, "pace", "[=FACTOR]", "at original speed, or FACTOR times as fast"},
    {'q', "quiet", "", "no progress and no totals"},
};

constexpr std::string_view text =
    "Reads recordings, and .scap captures, plain or gzip, from files, pipes or (-) standard\n"
    "input, and prints the alerts that the daemon would have made. Totals go to stderr. The\n"
    "readable part of a damaged file is used; the exit status is then 1. With --pace, events\n"
    "are replayed at their original speed.\n";

// Names of addresses that rules use, from the given file; without one, from the machine's own if it
// exists.
Result<enrich::Hosts> read_hosts(const Arguments& arguments, const match::Program& program) {
  std::vector<std::string_view> asked = program.asked_names();
  Result<enrich::Hosts> hosts = enrich::Hosts::read(arguments.value("hosts", "/etc/hosts"), asked);
  return hosts || arguments.has("hosts") ? std::move(hosts) : enrich::Hosts();
}

// Delays each event until its time.
class Pace {
 public:
  // `factor` 0: no delay.
  explicit Pace(double factor) : factor_(factor) {}

  void wait_for(std::uint64_t time) {
    if (factor_ == 0) return;
    if (first_ == 0) first_ = time, began_ = boot_ns();
    if (time <= first_) return;
    const std::uint64_t at =
        began_ + static_cast<std::uint64_t>(static_cast<double>(time - first_) / factor_);
    if (boot_ns() >= at) return;
    // Alerts are visible at the time when they would have been made.
    std::fflush(stdout);
    const timespec until{static_cast<time_t>(at / 1'000'000'000),
                         static_cast<long>(at % 1'000'000'000)};
    while (::clock_nanosleep(CLOCK_BOOTTIME, TIMER_ABSTIME, &until, nullptr) == EINTR) {
    }
  }

 private:
  const double factor_;
  std::uint64_t first_ = 0, began_ = 0;
};

// Negative: it is not a valid factor.
double pace_factor(const Arguments& arguments) {
  if (!arguments.has("pace")) return 0;
  const std::string text = arguments.value("pace");
  if (text.empty()) return 1;
  double factor = -1;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), factor);
  return error == std::errc() && end == text.data() + text.size() && factor >= 1e-6 && factor <= 1e6
             ? factor
             : -1;
}

struct Totals {
  std::uint64_t events = 0, alerts = 0, skipped = 0;
};

void replay(service::EventFile& file, const run::Generation& rules, const enrich::Hosts& hosts,
            Pace pace, Progress& progress, Totals& totals) {
  output::FormatOptions format = rules.format;
  const char* given = std::getenv("FALCO_HOSTNAME");
  if (std::string host = file.host(); !host.empty() && !(given && *given)) format.hostname = host;
  match::Matcher matcher(*rules.program);
  output::Formatter formatter(rules.texts, format);
  const enrich::Users* users = nullptr;
  file.watch([&] { progress.step(file.position(), totals.events + file.totals().events); });
  while (const service::EventFile::Step* step = file.next(rules.program->asked_kinds())) {
    if (!step->shown) continue;
    fields::Event event = step->event;
    pace.wait_for(event.time);
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
  const double factor = pace_factor(arguments);
  if (factor < 0)
    return usage_error(replay_command,
                       "--pace is a number like 2 or 0.5, not \"" + arguments.value("pace") + "\"");
  Result<std::unique_ptr<run::Generation>> rules = load_rules(arguments);
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
    replay(**file, **rules, *hosts, Pace(factor), progress, totals);
    progress.clear();
    for (const std::string& message : (*file)->damage()) complain(message);
    if (!(*file)->damage().empty()) status = exit_failed;
  }
  std::fflush(stdout);
  if (!quiet) {
    std::fprintf(
        stderr, "%llu events, %llu alerts, %s\n", static_cast<unsigned long long>(totals.events),
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
