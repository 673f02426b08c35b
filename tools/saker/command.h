// SPDX-License-Identifier: Apache-2.0
// A command of `saker`: one row of the table in main.cc. A command parses nothing itself: it gets
// arguments that were checked against its own options, writes its result to stdout and everything
// else to stderr, and returns the exit status.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace saker::cli {

// As in saker(1). Scripts may rely on them.
enum Exit : int {
  exit_ok = 0,
  // it was done, with a negative result: a wrong rule, an attack that was not seen
  exit_failed = 1,
  exit_usage = 2,        // the command line is wrong; nothing was done
  exit_unreachable = 3,  // the daemon does not answer
};

struct Option {
  char letter;            // 0: only the long form
  std::string_view name;  // without the dashes
  std::string_view
      // name of its value in the help; empty: it takes none; "[=NAME]": the value is optional
      value;
  std::string_view help;

  bool value_optional() const { return value.starts_with('['); }
};

class Arguments {
 public:
  std::vector<std::string> words;  // the arguments that are not options

  bool has(std::string_view name) const { return options_.contains(std::string(name)); }
  // The last value given, or `otherwise`.
  std::string value(std::string_view name, std::string_view otherwise = {}) const;
  // All values given, in their order.
  std::vector<std::string> values(std::string_view name) const;
  void set(std::string_view name, std::string value) {
    options_[std::string(name)].push_back(std::move(value));
  }

 private:
  std::map<std::string, std::vector<std::string>> options_;
};

struct Command {
  std::string_view name;      // one word, or two
  std::string_view synopsis;  // after the name
  std::string_view summary;   // one line, for the list
  std::string_view text;      // the rest of --help
  std::span<const Option> options;
  int (*run)(const Arguments& arguments);
};

extern const Command status_command, top_command, alerts_command, reload_command, generate_command,
    rules_check_command, rules_list_command, rules_show_command, rules_compile_command,
    fields_command, events_list_command, replay_command, explain_command, backtest_command,
    convert_command, record_command, events_command, completion_command, import_command,
    web_command, outputs_list_command, outputs_show_command, outputs_test_command, spool_command,
    spool_replay_command, spool_prune_command, bundle_command, bundle_install_command, pods_command;

// The table, in the order of the help; commands with the same first word are adjacent.
std::span<const Command* const> all_commands();

// Prints "saker COMMAND: message" and how to get help on stderr; returns exit_usage.
int usage_error(const Command& command, std::string_view message);

// The default of "--socket PATH" for all commands that talk to the daemon.
constexpr std::string_view default_socket = "/run/saker/saker.sock";
constexpr Option socket_option = {0, "socket", "PATH", "control socket (/run/saker/saker.sock)"};
constexpr Option json_option = {0, "json", "", "print JSON"};

}  // namespace saker::cli
