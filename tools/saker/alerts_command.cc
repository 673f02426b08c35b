// SPDX-License-Identifier: Apache-2.0
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <nlohmann/json.hpp>

#include "alert_stream.h"
#include "command.h"
#include "terminal.h"

namespace saker::cli {
namespace {

constexpr Option options[] = {
    json_option, {'n', "count", "N", "end after N alerts"}, socket_option};

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

// Prints alerts until the daemon ends for good, or `count` of them (0: no limit).
int follow(ControlClient control, const std::string& socket, bool json, unsigned long count) {
  for (unsigned long seen = 0; count == 0 || seen < count;) {
    Result<std::optional<std::string>> line = control.line(-1);
    if (!line) {
      std::fprintf(stderr, "saker: %s; waiting for it\n", line.error().message.c_str());
      std::optional<ControlClient> again = subscribe_again(socket);
      if (!again) return exit_unreachable;
      control = std::move(*again);
      continue;
    }
    std::optional<SeenAlert> alert = parse_alert(**line, 0);
    if (!alert) {
      report_dropped(**line);
      continue;
    }
    seen++;
    std::printf("%s\n",
                json ? (*line)->c_str() : alert_line(alert->output, alert->priority).c_str());
    if (std::fflush(stdout) != 0) return exit_failed;  // the reader of stdout is gone
  }
  return exit_ok;
}

int run(const Arguments& arguments) {
  if (!arguments.words.empty()) return usage_error(alerts_command, "takes no argument");
  std::string number = arguments.value("count", "0");
  char* end = nullptr;
  unsigned long count = std::strtoul(number.c_str(), &end, 10);
  if (*end != 0 || number.empty() || number[0] == '-')
    return usage_error(alerts_command, "--count needs a number, not \"" + number + "\"");
  const std::string socket = arguments.value("socket", default_socket);
  Result<ControlClient> control = subscribe(socket);
  if (!control) {
    std::fprintf(stderr, "saker: %s\n", control.error().message.c_str());
    return exit_unreachable;
  }
  return follow(std::move(*control), socket, arguments.has("json"), count);
}

}  // namespace

const Command alerts_command = {
    "alerts",
    "[--count=N]",
    "follow the alerts as they are made",
    "Prints the daemon's alerts from now on, one per line, until interrupted; with --json as\n"
    "JSON with Falco's keys. Earlier alerts are in the daemon's own outputs.\n",
    options,
    run};

}  // namespace saker::cli
