// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <nlohmann/json.hpp>

#include "command.h"
#include "control.h"

namespace saker::cli {
namespace {

constexpr Option options[] = {json_option, socket_option};

// Thousands of rules on a slow machine take their time.
constexpr int reload_ms = 600'000;

Result<std::string> ask_reload(ControlClient& control) {
  if (Result<void> sent = control.send("reload"); !sent) return sent.error();
  Result<std::optional<std::string>> line = control.line(reload_ms);
  if (!line) return line.error();
  if (!*line) return Error{"the daemon has not answered within ten minutes"};
  return **line;
}

int run(const Arguments& arguments) {
  if (!arguments.words.empty()) return usage_error(reload_command, "takes no argument");
  Result<ControlClient> control = ControlClient::connect(arguments.value("socket", default_socket));
  if (!control) {
    std::fprintf(stderr, "saker: %s\n", control.error().message.c_str());
    return exit_unreachable;
  }
  Result<std::string> answer = ask_reload(*control);
  if (!answer) {
    std::fprintf(stderr, "saker: %s\n", answer.error().message.c_str());
    return exit_unreachable;
  }
  if (arguments.has("json")) std::printf("%s\n", answer->c_str());
  nlohmann::json reply = nlohmann::json::parse(*answer, nullptr, false);
  if (reply.is_object() && reply.contains("ok") && reply["ok"] == true) {
    if (!arguments.has("json")) std::puts("reloaded");
    return exit_ok;
  }
  bool refused = reply.is_object() && reply.contains("error") && reply["error"].is_string();
  std::string why = refused ? reply["error"].get<std::string>() : *answer;
  std::fprintf(stderr, "saker: not reloaded, the old rules stay: %s\n", why.c_str());
  return exit_failed;
}

}  // namespace

const Command reload_command = {
    "reload",
    "",
    "make the daemon read its rules and configuration again",
    "Makes sakerd read its rules and configuration again. If they contain an error, the\n"
    "daemon keeps its old ones and the errors are printed.\n",
    options,
    run};

}  // namespace saker::cli
