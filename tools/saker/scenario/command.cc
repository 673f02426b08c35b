// SPDX-License-Identifier: Apache-2.0
// Performs scenarios one after the other and waits for the alert of each.
#include "../command.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "../alert_stream.h"
#include "../terminal.h"
#include "action.h"
#include "report.h"

namespace saker::cli {
namespace {

constexpr Option options[] = {
    {'l', "list", "", "list the scenarios and do nothing"},
    {0, "official", "", "the actions of Falco's event-generator, for the official rules"},
    {'n', "repeat", "N", "perform each N times (1)"},
    {0, "loop", "", "again and again, until SIGINT or SIGTERM: then the report"},
    {0, "rate", "N", "at most N actions per second (100)"},
    {'t', "timeout", "SECONDS", "how long to wait for an alert (5)"},
    {0, "report", "", "print only the table, not the alerts"},
    {0, "force", "", "also run them on a physical machine"},
    json_option,
    socket_option,
};

// A scenario that takes longer than this is stuck.
constexpr unsigned scenario_limit_seconds = 60;
// The daemon synchronises wall clock and record time only from time to time; alerts of the previous
// attempt are older than this.
constexpr std::uint64_t clock_slack_ns = 2'000'000;

volatile std::sig_atomic_t interrupted = 0;

struct ScenarioSettings {
  std::vector<const Scenario*> chosen;
  unsigned repeat = 1, timeout_seconds = 5, rate = 100;
  bool loop = false, json = false, show_alerts = true;
  std::string socket;
};

int list_scenarios(std::span<const Scenario> all_of, bool json) {
  nlohmann::json all = nlohmann::json::array();
  std::size_t width = 24;
  for (const Scenario& scenario : all_of) width = std::max(width, scenario.name.size());
  for (const Scenario& scenario : all_of) {
    if (json)
      all.push_back({{"name", scenario.name},
                     {"rule", scenario.rule},
                     {"summary", scenario.summary},
                     {"risky", scenario.risky}});
    else
      std::printf("%-*s %s (%s)\n", static_cast<int>(width), scenario.name.data(),
                  scenario.summary.data(), scenario.rule.data());
  }
  if (json) std::printf("%s\n", all.dump().c_str());
  return exit_ok;
}

bool machine_is_virtual() {
  std::ifstream cpus("/proc/cpuinfo");
  for (std::string line; std::getline(cpus, line);)
    if (line.starts_with("flags")) return (line + " ").find(" hypervisor ") != std::string::npos;
  return false;
}

// "--NAME=N", at least 1.
Result<unsigned> number_of(const Arguments& arguments, std::string_view name,
                           std::string_view otherwise) {
  std::string text = arguments.value(name, otherwise);
  char* end = nullptr;
  unsigned long number = std::strtoul(text.c_str(), &end, 10);
  if (text.empty() || text[0] == '-' || *end != 0 || number == 0 || number > 1'000'000)
    return Error{"--" + std::string(name) + " needs a number from 1 to 1000000, not \"" + text +
                 "\""};
  return static_cast<unsigned>(number);
}

std::span<const Scenario> table_of(const Arguments& arguments) {
  return arguments.has("official") ? actions() : scenarios();
}

Result<ScenarioSettings> settings_of(const Arguments& arguments) {
  ScenarioSettings settings;
  for (const std::string& word : arguments.words) {
    const Scenario* scenario = find_scenario(word);
    if (!scenario) return Error{"there is no scenario \"" + word + "\"; saker generate --list"};
    settings.chosen.push_back(scenario);
  }
  if (arguments.words.empty())
    for (const Scenario& scenario : table_of(arguments)) settings.chosen.push_back(&scenario);
  Result<unsigned> repeat = number_of(arguments, "repeat", "1");
  if (!repeat) return repeat.error();
  Result<unsigned> timeout = number_of(arguments, "timeout", "5");
  if (!timeout) return timeout.error();
  Result<unsigned> rate = number_of(arguments, "rate", "100");
  if (!rate) return rate.error();
  settings.loop = arguments.has("loop");
  if (settings.loop && arguments.has("repeat"))
    return Error{"--repeat and --loop contradict each other"};
  settings.rate = *rate;
  settings.repeat = *repeat;
  settings.timeout_seconds = *timeout;
  settings.json = arguments.has("json");
  settings.show_alerts = !settings.json && !arguments.has("report");
  settings.socket = arguments.value("socket", default_socket);
  return settings;
}

// When the record was written, on CLOCK_BOOTTIME.
std::uint64_t time_of_record(const SeenAlert& alert) {
  return alert.event_time - (wall_time() - boot_time());
}

Attempt attempt(const Scenario& scenario, const ScenarioSettings& settings, AlertStream& stream) {
  Attempt attempt{&scenario, {}, false, 0};
  if (settings.show_alerts) {
    std::printf("%s: %s\n", scenario.name.data(), scenario.summary.data());
    std::fflush(stdout);
  }
  // Unique to this run, and short enough for every place that uses it.
  std::string tag = std::to_string(boot_time() / 1000 % 1'000'000'000'000);
  attempt.performed = perform(scenario, tag, scenario_limit_seconds);
  if (attempt.performed.state != Outcome::State::done) return attempt;
  std::uint64_t until = boot_time() + settings.timeout_seconds * 1'000'000'000ull;
  std::optional<SeenAlert> alert =
      stream.take(scenario.rule, attempt.performed.started_wall - clock_slack_ns, until);
  if (!alert) return attempt;
  attempt.seen = true;
  const auto since = [&](std::uint64_t begin) {
    return std::max<std::int64_t>(0, static_cast<std::int64_t>(alert->arrived_boot - begin));
  };
  attempt.since_record_ns = since(time_of_record(*alert));
  // The alert may arrive before the action has returned: then the latency is 0.
  attempt.latency_ns =
      scenario.time_of_record ? attempt.since_record_ns : since(attempt.performed.returned_boot);
  return attempt;
}

// Until the next action may begin, or a signal comes.
void wait_for_turn(std::uint64_t began, unsigned rate) {
  const std::uint64_t turn = began + 1'000'000'000 / rate, now = boot_time();
  if (now >= turn) return;
  const timespec rest = {static_cast<time_t>((turn - now) / 1'000'000'000),
                         static_cast<long>((turn - now) % 1'000'000'000)};
  ::nanosleep(&rest, nullptr);
}

// Each scenario so often, then the next one; in a loop each once, again and again.
ScenarioReport perform_all(const ScenarioSettings& settings, AlertStream& stream) {
  ScenarioReport report;
  do {
    for (const Scenario* scenario : settings.chosen) {
      for (unsigned round = 0; round < settings.repeat; round++) {
        // A loop ends no other way.
        if (interrupted && settings.loop) return report;
        if (interrupted) report.broken = "interrupted";
        if (std::string why = stream.ended(); !why.empty()) report.broken = why;
        if (!report.broken.empty()) return report;
        const std::uint64_t began = boot_time();
        report.add(attempt(*scenario, settings, stream));
        wait_for_turn(began, settings.rate);
      }
    }
  } while (settings.loop);
  return report;
}

std::optional<Records> ask_records(const std::string& socket) {
  Result<ControlClient> control = ControlClient::connect(socket);
  if (!control) return std::nullopt;
  Result<std::string> answer = control->ask("status");
  return answer ? parse_records(*answer) : std::nullopt;
}

int generate(const ScenarioSettings& settings) {
  std::optional<Records> before = ask_records(settings.socket);
  Result<std::unique_ptr<AlertStream>> stream =
      AlertStream::open(settings.socket, settings.show_alerts);
  if (!stream) {
    std::fprintf(stderr, "saker: %s\n", stream.error().message.c_str());
    return exit_unreachable;
  }
  struct sigaction action {};
  action.sa_handler = [](int) { interrupted = 1; };
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  ScenarioReport report = perform_all(settings, **stream);
  std::optional<Records> after = ask_records(settings.socket);
  if (before && after)
    report.records =
        Records{after->seen - before->seen, after->written - before->written,
                after->lost - before->lost, after->alerts_dropped - before->alerts_dropped};
  if (settings.json)
    std::printf("%s\n", report_json(report).c_str());
  else
    std::printf("%s%s", settings.show_alerts ? "\n" : "", report_table(report).c_str());
  return report.passed() ? exit_ok : exit_failed;
}

int run(const Arguments& arguments) {
  if (arguments.has("list")) return list_scenarios(table_of(arguments), arguments.has("json"));
  Result<ScenarioSettings> settings = settings_of(arguments);
  if (!settings) return usage_error(generate_command, settings.error().message);
  if (!arguments.has("force") && !machine_is_virtual()) {
    for (const Scenario* scenario : settings->chosen)
      if (scenario->risky) {
        std::fprintf(stderr,
                     "saker: %s changes system directories for a moment, and this is a physical "
                     "machine; --force runs it anyway\n",
                     scenario->name.data());
        return exit_usage;
      }
  }
  return generate(*settings);
}

}  // namespace

const Command generate_command = {
    "generate",
    "[SCENARIO...]",
    "perform real, harmless attacks and check that they are detected",
    "Performs the named scenarios, or all, on this machine: real system calls that a shipped\n"
    "rule must detect. Each makes what it needs and leaves nothing behind. Ends with a table:\n"
    "whether the alert was seen, and how long after the action. Exit status 0 only if all\n"
    "were seen and no record was lost.\n",
    options,
    run};

}  // namespace saker::cli
