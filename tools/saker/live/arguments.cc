// SPDX-License-Identifier: Apache-2.0
#include "arguments.h"

#include <csignal>
#include <cstdio>

#include "../rule_arguments.h"
#include "base/clock.h"
#include "base/units.h"

namespace saker::cli {
namespace {

volatile std::sig_atomic_t caught = 0;

void note(int) { caught = 1; }

}  // namespace

std::string check_live(const Arguments& arguments) {
  const std::string time = arguments.value("duration", "0");
  return parse_duration(time)
             ? ""
             : "--duration is a time like 90, 250ms, 5m or 2h, not \"" + time + "\"";
}

Result<std::unique_ptr<Live>> open_live(const Arguments& arguments, std::string filter,
                                        std::uint32_t cut_ms) {
  LiveOptions options;
  options.socket = arguments.value("socket", default_socket);
  options.device = arguments.value("device");
  options.filter = std::move(filter);
  options.cut_ms = cut_ms;
  options.rules_only = arguments.value("events", "all") == "rules";
  // If rules cannot be read, the condition has no macros, and its error names the missing one.
  Result<run::Config> config = read_config_if_asked(arguments);
  if (!config) return Error{config.error().message, EINVAL};
  options.rules_files = config->rules_files;
  return Live::open(options);
}

int live_failed(std::string_view command, const Error& error) {
  std::string message = error.message;
  if (message.ends_with('\n')) message.pop_back();
  std::fprintf(stderr, "saker %s: %s\n", std::string(command).c_str(), message.c_str());
  return error.code == EINVAL ? exit_usage : exit_unreachable;
}

void catch_interrupts() {
  struct sigaction action {};
  action.sa_handler = note;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

bool interrupted() { return caught; }

Deadline::Deadline(const Arguments& arguments)
    : at_(parse_duration(arguments.value("duration", "0")).value_or(0)) {
  if (at_) at_ += boot_ns();
}

Result<void> Deadline::look(Live& live) {
  if (stopped_ || (!interrupted() && (at_ == 0 || boot_ns() < at_))) return {};
  stopped_ = true;
  return live.stop();
}

}  // namespace saker::cli
