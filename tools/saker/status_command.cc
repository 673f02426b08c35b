// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <nlohmann/json.hpp>

#include "command.h"
#include "control.h"

namespace saker::cli {
namespace {

constexpr Option options[] = {json_option, socket_option};

// "a.b: value" lines, one a number or a text; lists of objects are numbered.
void print_flat(const nlohmann::json& value, const std::string& name) {
  if (value.is_object()) {
    for (const auto& [key, inner] : value.items())
      print_flat(inner, name.empty() ? key : name + "." + key);
  } else if (value.is_array() && !value.empty() && value[0].is_object()) {
    for (std::size_t i = 0; i < value.size(); i++)
      print_flat(value[i], name + "[" + std::to_string(i) + "]");
  } else {
    std::string text = value.is_string() ? value.get<std::string>() : value.dump();
    std::printf("%-32s %s\n", name.c_str(), text.c_str());
  }
}

int run(const Arguments& arguments) {
  if (!arguments.words.empty()) return usage_error(status_command, "takes no argument");
  Result<Control> control = Control::connect(arguments.value("socket", default_socket));
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
  print_flat(status, "");
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
