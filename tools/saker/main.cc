// SPDX-License-Identifier: Apache-2.0
// The operator's command: finds the command in the table and runs it.
#include <saker/version.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstring>

#include "arguments.h"
#include "base/nearest.h"
#include "scenario/action_step.h"

namespace saker::cli {
namespace {

// In the order of the help, which is the order of first use.
constexpr const Command* commands[] = {
    &status_command,     &top_command,           &alerts_command,         &events_command,
    &generate_command,   &record_command,        &replay_command,         &explain_command,
    &backtest_command,   &reload_command,        &rules_check_command,    &rules_list_command,
    &rules_show_command, &rules_compile_command, &fields_command,         &events_list_command,
    &convert_command,    &outputs_list_command,  &outputs_show_command,   &outputs_test_command,
    &import_command,     &spool_replay_command,  &spool_prune_command,    &spool_command,
    &pods_command,       &web_command,           &bundle_install_command, &bundle_command,
    &completion_command,
};

std::string summary_line(const Command& command) {
  std::string name(command.name);
  name.resize(std::max<std::size_t>(name.size(), 14), ' ');
  return "  " + name + " " + std::string(command.summary) + "\n";
}

void print_help(std::FILE* to) {
  std::fputs("Usage: saker COMMAND [ARGUMENT...]\n\nCommands:\n", to);
  for (const Command* command : commands) std::fputs(summary_line(*command).c_str(), to);
  std::fputs(
      "\nsaker COMMAND --help says more about one, saker(1) about all; saker --version its "
      "version.\n"
      "Exit status: 0 done, 1 negative result, 2 wrong command line, 3 no daemon answers.\n",
      to);
}

int run_command(const Command& command, std::span<char* const> words) {
  Result<Arguments> arguments = parse_arguments(command, words);
  if (!arguments) return usage_error(command, arguments.error().message);
  if (arguments->has("help")) {
    std::fputs(help_text(command).c_str(), stdout);
    return exit_ok;
  }
  int status = command.run(*arguments);
  // A full disk under stdout is a failure, not a success without output.
  if (std::fflush(stdout) != 0 || std::ferror(stdout)) {
    std::fprintf(stderr, "saker: standard output: %s\n", std::strerror(errno));
    return status == exit_ok ? exit_failed : status;
  }
  return status;
}

// A word that begins commands of two words, or no command at all.
int no_command(std::string_view first, std::string_view second) {
  bool help = second == "--help" || second == "-h";
  std::string group;
  Nearest near(first);
  for (const Command* command : commands) {
    near.offer(command->name);
    if (command->name.starts_with(std::string(first) + " ")) group += summary_line(*command);
  }
  if (!group.empty()) {
    std::FILE* to = help ? stdout : stderr;
    std::fprintf(to, "Usage: saker %.*s COMMAND [ARGUMENT...]\n\nCommands:\n%s",
                 static_cast<int>(first.size()), first.data(), group.c_str());
    return help ? exit_ok : exit_usage;
  }
  std::string hint =
      near.best().empty() ? "" : "; did you mean \"" + std::string(near.best()) + "\"?";
  std::fprintf(stderr, "saker: there is no command \"%.*s\"%s\n\n", static_cast<int>(first.size()),
               first.data(), hint.c_str());
  print_help(stderr);
  return exit_usage;
}

int dispatch(std::span<char* const> words) {
  if (words.size() < 2) {
    print_help(stderr);
    return exit_usage;
  }
  std::string_view name = words[1];
  if (name == "--help" || name == "-h" || name == "help") {
    print_help(stdout);
    return exit_ok;
  }
  if (name == "--version" || name == "-V") {
    std::puts("saker " SAKER_VERSION);
    return exit_ok;
  }
  if (name == step_word) return run_step(words.subspan(2));
  std::string two_words(name);
  if (words.size() > 2) two_words.append(" ").append(words[2]);
  for (const Command* command : commands) {
    if (command->name == name) return run_command(*command, words.subspan(2));
    if (command->name == two_words) return run_command(*command, words.subspan(3));
  }
  return no_command(name, words.size() > 2 ? words[2] : "");
}

}  // namespace

std::span<const Command* const> all_commands() { return commands; }

}  // namespace saker::cli

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  return saker::cli::dispatch({argv, static_cast<std::size_t>(argc)});
}
