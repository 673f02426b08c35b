// SPDX-License-Identifier: Apache-2.0
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <nlohmann/json.hpp>

#include "alert_filter.h"
#include "alert_stream.h"
#include "command.h"
#include "rule_arguments.h"
#include "terminal.h"

namespace saker::cli {
namespace {

constexpr Option options[] = {
    json_option,
    {'n', "count", "N", "end after N alerts"},
    {'p', "priority", "NAME", "only alerts at least so severe"},
    {0, "rule", "NAME", "only alerts of this rule, * stands for anything; may be given again"},
    config_option,
    rules_option,
    key_option,
    socket_option};

// The daemon sends this when this program reads more slowly than alerts arrive.
void report_dropped(const std::string& line) {
  nlohmann::json object = nlohmann::json::parse(line, nullptr, false);
  if (object.is_object() && object.contains("dropped"))
    std::fprintf(stderr, "saker: %s alerts were not sent, because they were not read fast enough\n",
                 object["dropped"].dump().c_str());
}

// A daemon that ends may be restarted; for a minute, tries once a second.
std::optional<ControlClient> subscribe_again(const std::string& socket) {
  constexpr int tries = 60;
  for (int i = 0; i < tries; i++) {
    if (Result<ControlClient> control = subscribe(socket)) {
      std::fprintf(stderr,
                   "saker: the daemon is back; alerts in between are only in its outputs\n");
      return std::move(*control);
    }
    const timespec second{1, 0};
    ::nanosleep(&second, nullptr);
  }
  return std::nullopt;
}

// Fields that an alert does not have are unset, and the operator may not know.
void tell_missing(AlertFilter& filter) {
  for (std::string name; !(name = filter.take_missing()).empty();)
    std::fprintf(
        stderr,
        "saker: some alerts do not have %s, which the condition asks for; a rule's output, "
        "or append_output, puts it there\n",
        name.c_str());
}

struct Following {
  std::string socket;
  bool json;
  unsigned long count;  // 0: no limit
  AlertFilter& filter;
};

// Whether there is still somebody to print for.
bool print(const std::string& line, const SeenAlert& alert, bool json) {
  std::printf("%s\n", json ? line.c_str() : alert_line(alert.output, alert.priority).c_str());
  return std::fflush(stdout) == 0;
}

// Prints alerts until the daemon ends for good, or `count` of them.
int follow(ControlClient control, const Following& how) {
  for (unsigned long seen = 0; how.count == 0 || seen < how.count;) {
    Result<std::optional<std::string>> line = control.line(-1);
    if (!line) {
      std::fprintf(stderr, "saker: %s; waiting for it\n", line.error().message.c_str());
      std::optional<ControlClient> again = subscribe_again(how.socket);
      if (!again) return exit_unreachable;
      control = std::move(*again);
      continue;
    }
    std::optional<SeenAlert> alert = parse_alert(**line, 0);
    if (!alert) {
      report_dropped(**line);
      continue;
    }
    const bool wanted = how.filter.wants(nlohmann::json::parse(**line, nullptr, false));
    tell_missing(how.filter);
    if (!wanted) continue;
    seen++;
    if (!print(**line, *alert, how.json)) return exit_failed;  // the reader has closed the pipe
  }
  return exit_ok;
}

// "" if the command line is right.
std::string read_filter(const Arguments& arguments, AlertFilter& filter) {
  if (arguments.has("priority")) {
    const std::string name = arguments.value("priority");
    const std::optional<lang::Priority> priority = lang::parse_priority(name);
    if (!priority) return "--priority is \"" + name + "\"; it may be emergency ... debug";
    filter.use_priority(*priority);
  }
  for (std::string& rule : arguments.values("rule")) filter.add_rule(std::move(rule));
  return "";
}

Result<void> read_condition(const Arguments& arguments, AlertFilter& filter) {
  std::string condition;
  for (const std::string& word : arguments.words)
    condition += (condition.empty() ? "" : " ") + word;
  if (condition.empty()) return {};
  Result<run::Config> config = read_config_if_asked(arguments);
  if (!config) return config.error();
  lang::LoadOptions options;
  options.static_fields = config->static_fields;
  return filter.use_condition(condition, config->rules_files, options);
}

int run(const Arguments& arguments) {
  std::string number = arguments.value("count", "0");
  char* end = nullptr;
  unsigned long count = std::strtoul(number.c_str(), &end, 10);
  if (*end != 0 || number.empty() || number[0] == '-')
    return usage_error(alerts_command, "--count needs a number, not \"" + number + "\"");
  AlertFilter filter;
  if (std::string wrong = read_filter(arguments, filter); !wrong.empty())
    return usage_error(alerts_command, wrong);
  if (Result<void> read = read_condition(arguments, filter); !read) {
    std::fputs(read.error().message.c_str(), stderr);
    return exit_usage;
  }
  const std::string socket = arguments.value("socket", default_socket);
  Result<ControlClient> control = subscribe(socket);
  if (!control) {
    std::fprintf(stderr, "saker: %s\n", control.error().message.c_str());
    return exit_unreachable;
  }
  return follow(std::move(*control), {socket, arguments.has("json"), count, filter});
}

}  // namespace

const Command alerts_command = {
    "alerts",
    "[CONDITION...]",
    "follow the alerts as they are made",
    "Prints the daemon's alerts from now on, one a line, until interrupted; with --json as JSON "
    "with\n"
    "Falco's keys. The condition is one as rules have it, about the fields that the alerts have; "
    "one that\n"
    "an alert does not have is unset. A daemon that ends is waited for, a minute long. Alerts "
    "from\n"
    "before are in the daemon's own outputs.\n",
    options,
    run};

}  // namespace saker::cli
