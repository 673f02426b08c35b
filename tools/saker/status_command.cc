// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <nlohmann/json.hpp>

#include "command.h"
#include "control.h"
#include "output/escape.h"
#include "terminal.h"

namespace saker::cli {
namespace {

constexpr Option options[] = {json_option, socket_option};

// A member as text, at any depth; a missing one is "?", so that the status of a daemon of another
// version is shown as far as possible.
std::string text_at(const nlohmann::json& object, std::initializer_list<const char*> keys) {
  const nlohmann::json* at = &object;
  for (const char* key : keys) {
    if (!at->is_object() || !at->contains(key)) return "?";
    at = &(*at)[key];
  }
  std::string text = at->is_string() ? at->get<std::string>() : at->dump();
  std::string safe;
  output::append_line(safe, text);
  return safe;
}

std::string counters(const nlohmann::json& object, std::initializer_list<const char*> keys) {
  std::string text;
  for (const char* key : keys)
    text.append(text.empty() ? "" : ", ").append(text_at(object, {key})).append(" ").append(key);
  return text;
}

const nlohmann::json& member(const nlohmann::json& object, const char* key) {
  static const nlohmann::json none;
  return object.is_object() && object.contains(key) ? object[key] : none;
}

std::string joined(const nlohmann::json& list) {
  std::string text;
  if (list.is_array())
    for (const auto& item : list)
      if (item.is_string()) text.append(text.empty() ? "" : " ").append(item.get<std::string>());
  return text;
}

void line(const char* name, const std::string& text) {
  std::printf("%-10s %s\n", name, text.c_str());
}

std::string duration(const nlohmann::json& seconds) {
  if (!seconds.is_number_unsigned()) return "?";
  std::uint64_t s = seconds.get<std::uint64_t>();
  return std::to_string(s / 3600) + " h " + std::to_string(s / 60 % 60) + " min " +
         std::to_string(s % 60) + " s";
}

// Hooks that are attached, those that should be but are not, and the number of those that no rule
// needs.
void print_hooks(const nlohmann::json& hooks) {
  if (!hooks.is_array()) return;
  std::size_t idle = 0;
  for (const auto& hook : hooks) {
    const nlohmann::json& error = member(hook, "error");
    int errnum = error.is_number_integer() ? std::abs(error.get<int>()) : 0;
    if (member(hook, "attached") == true) {
      line("hook", text_at(hook, {"symbol"}) + " by " + text_at(hook, {"mechanism"}) + ": " +
                       counters(hook, {"hits", "missed"}));
    } else if (errnum) {
      line("hook", marked(text_at(hook, {"symbol"}) + ": not attached, " + std::strerror(errnum),
                          Mark::bad));
    } else {
      idle++;
    }
  }
  line("", std::to_string(idle) + " hooks that no rule asks for cost nothing");
}

// "123 (openat 100, connect 23)": the operations of io_uring by one of their counts; "" if all are
// 0.
std::string operation_counts(const nlohmann::json& operations, const char* key) {
  std::uint64_t sum = 0;
  std::string each;
  for (const auto& operation : operations) {
    const nlohmann::json& count = member(operation, key);
    if (!count.is_number_unsigned() || count == 0) continue;
    sum += count.get<std::uint64_t>();
    each.append(each.empty() ? "" : ", ").append(text_at(operation, {"name"}));
    each.append(" ").append(text_at(operation, {key}));
  }
  return sum == 0 ? "" : std::to_string(sum) + " (" + each + ")";
}

void print_uring(const nlohmann::json& operations) {
  if (!operations.is_array()) return;
  if (std::string text = operation_counts(operations, "submitted"); !text.empty())
    line("io_uring", "operations: " + text);
  if (std::string text = operation_counts(operations, "refused"); !text.empty())
    line("", "refused by the kernel: " + text);
  if (std::string text = operation_counts(operations, "unseen"); !text.empty())
    line("", marked("asked for by rules, but not seen: " + text, Mark::bad));
}

void print_status(const nlohmann::json& status) {
  const nlohmann::json& records = member(status, "records");
  line("sakerd", text_at(status, {"version"}) + ", pid " + text_at(status, {"pid"}) + ", up " +
                     duration(member(status, "uptime_s")));
  line("source", text_at(status, {"source", "name"}) + ", " + text_at(status, {"source", "cpus"}) +
                     " CPUs, waits by " + text_at(status, {"source", "wait"}));
  std::string missing = joined(member(member(status, "source"), "events_missing"));
  if (!missing.empty())
    line("", marked("requested by rules but not available: " + missing, Mark::doubtful));
  bool clean = member(records, "lost") == 0 && member(records, "corrupted") == 0;
  line("records", marked(counters(records, {"seen", "written", "lost", "corrupted", "matched"}),
                         clean ? Mark::plain : Mark::bad));
  const nlohmann::json& alerts = member(status, "alerts");
  line("alerts", counters(alerts, {"made", "dropped"}));
  for (const char* lane : {"event", "life"})
    if (const nlohmann::json& took = member(member(alerts, "latency"), lane);
        took.is_object() && member(took, "alerts") != 0)
      line("", "of lane " + std::string(lane) + " after " + text_at(took, {"mean_us"}) +
                   " us on average, " + text_at(took, {"longest_us"}) + " us at most");
  if (const nlohmann::json& outputs = member(status, "outputs"); outputs.is_array())
    for (const auto& output : outputs)
      line("output",
           text_at(output, {"name"}) + ": " + counters(output, {"written", "lost", "errors"}));
  if (const nlohmann::json& recorder = member(status, "recorder");
      member(recorder, "enabled") == true)
    line("recorder", text_at(recorder, {"file"}) + ": " +
                         counters(recorder, {"events", "bytes", "files", "lost", "errors"}));
  if (const nlohmann::json& flight = member(status, "flight_recorder");
      member(flight, "enabled") == true)
    line("flight",
         text_at(flight, {"directory"}) + ": " +
             counters(flight, {"memory_events", "memory_bytes", "files", "lost", "errors"}));
  line("rules", text_at(status, {"rules", "enabled"}) + " of " +
                    text_at(status, {"rules", "total"}) + " enabled, from " +
                    joined(member(member(status, "rules"), "files")));
  if (const nlohmann::json& noise = member(status, "noise"); noise.is_array())
    for (const auto& rule : noise)
      line("", marked(text_at(rule, {"rule"}) + ": " + text_at(rule, {"alerts"}) +
                          " alerts within an hour, over its budget of " + text_at(rule, {"budget"}),
                      Mark::doubtful));
  line("processes", counters(member(status, "processes"), {"known", "containers"}));
  if (const nlohmann::json& pods = member(status, "kubernetes"); member(pods, "enabled") == true) {
    line("kubernetes", counters(pods, {"pods", "refused", "errors"}));
    if (const std::string trouble = text_at(pods, {"trouble"}); !trouble.empty())
      line("", marked(trouble, Mark::doubtful));
    line("services", counters(member(pods, "services"), {"known", "refused", "errors"}));
    if (const std::string trouble = text_at(pods, {"services", "trouble"}); !trouble.empty())
      line("", marked(trouble, Mark::doubtful));
  }
  line("memory", text_at(status, {"memory", "resident_bytes"}) + " bytes resident");
  print_uring(member(member(status, "io_uring"), "operations"));
  print_hooks(member(status, "hooks"));
}

int run(const Arguments& arguments) {
  if (!arguments.words.empty()) return usage_error(status_command, "takes no argument");
  Result<ControlClient> control = ControlClient::connect(arguments.value("socket", default_socket));
  Result<std::string> answer =
      control ? control->ask("status") : Result<std::string>(control.error());
  if (!answer) {
    std::fprintf(stderr, "saker: %s\n", answer.error().message.c_str());
    return exit_unreachable;
  }
  if (arguments.has("json")) {
    std::printf("%s\n", answer->c_str());
    return exit_ok;
  }
  nlohmann::json status = nlohmann::json::parse(*answer, nullptr, false);
  if (!status.is_object()) {
    std::fprintf(stderr, "saker: the daemon's answer is not JSON: %s\n", answer->c_str());
    return exit_failed;
  }
  print_status(status);
  return exit_ok;
}

}  // namespace

const Command status_command = {"status",
                                "",
                                "what the daemon is doing, and its counters",
                                "Prints the daemon's state and counters: what it is attached to, "
                                "the records seen, written and\n"
                                "lost on each lane, alerts by sink, rules loaded.\n",
                                options,
                                run};

}  // namespace saker::cli
