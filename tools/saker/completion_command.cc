// SPDX-License-Identifier: Apache-2.0
// Shell completion, generated from the table of commands, so that it is always up to date.
#include <cstdio>
#include <string>

#include "command.h"

namespace saker::cli {
namespace {

// Commands have one word or two; this is the second of "rules check", "" of "status".
std::string second_word(std::string_view name) {
  const std::size_t space = name.find(' ');
  return space == std::string_view::npos ? "" : std::string(name.substr(space + 1));
}
std::string first_word(std::string_view name) {
  return std::string(name.substr(0, name.find(' ')));
}

std::string join(std::string text, const std::string& word) {
  if (!text.empty() && !word.empty()) text += ' ';
  return text + word;
}

std::string option_words(const Command& command) {
  std::string words = "--help";
  for (const Option& option : command.options) words += " --" + std::string(option.name);
  return words;
}

// For single quotes of a shell, with a backslash before each character in `special`.
std::string quoted(std::string_view text, std::string_view special) {
  std::string result;
  for (char c : text) {
    if (c == '\'')
      result += "'\\''";
    else if (special.find(c) != std::string_view::npos)
      result += std::string("\\") + c;
    else
      result += c == '\n' ? ' ' : c;
  }
  return result;
}

// Words in the order of the table, each once.
std::string first_words() {
  std::string words, last;
  for (const Command* command : all_commands())
    if (std::string word = first_word(command->name); word != last)
      words = join(words, last = word);
  return words;
}

void bash() {
  std::printf(
      "# saker completion bash\n"
      "_saker() {\n"
      "  local word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]} words=\n"
      "  if [ \"$COMP_CWORD\" = 1 ]; then\n"
      "    words='%s --help --version'\n"
      "  else\n"
      "    case \"$command ${COMP_WORDS[2]}\" in\n",
      first_words().c_str());
  for (const Command* command : all_commands()) {
    const std::string second = second_word(command->name);
    std::printf("      '%s'%s) words='%s' ;;\n",
                std::string(command->name).append(second.empty() ? " " : "").c_str(),
                second.empty() ? "*" : "", option_words(*command).c_str());
  }
  std::string group, seconds;
  std::printf("    esac\n    if [ \"$COMP_CWORD\" = 2 ]; then\n      case \"$command\" in\n");
  for (const Command* command : all_commands()) {
    const std::string second = second_word(command->name), first = first_word(command->name);
    if (second.empty() || first == group) continue;
    group = first, seconds.clear();
    for (const Command* each : all_commands())
      if (first_word(each->name) == first) seconds = join(seconds, second_word(each->name));
    std::printf("        %s) words='%s' ;;\n", first.c_str(), seconds.c_str());
  }
  std::printf(
      "      esac\n"
      "    fi\n"
      "  fi\n"
      "  # Options and commands; anything else is a file.\n"
      "  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
      "}\n"
      "complete -o default -F _saker saker\n");
}

void zsh() {
  std::printf(
      "#compdef saker\n"
      "# saker completion zsh\n"
      "_saker() {\n"
      "  local -a commands=(\n");
  std::string last;
  for (const Command* command : all_commands()) {
    const std::string first = first_word(command->name);
    if (first == last) continue;
    last = first;
    const bool group = !second_word(command->name).empty();
    std::printf("    '%s:%s'\n", first.c_str(),
                group ? "several commands" : quoted(command->summary, "[]:").c_str());
  }
  std::printf(
      "  )\n"
      "  if (( CURRENT == 2 )); then\n"
      "    _describe command commands\n"
      "    return\n"
      "  fi\n"
      "  case \"$words[2] $words[3]\" in\n");
  for (const Command* command : all_commands()) {
    const std::string second = second_word(command->name);
    std::printf("    %s%s) _arguments", first_word(command->name).c_str(),
                second.empty() ? "\\ *" : ("\\ " + second).c_str());
    for (const Option& option : command->options)
      std::printf(
          " \\\n      '--%s%s[%s]%s'", std::string(option.name).c_str(),
          option.value.empty() ? "" : "=", quoted(option.help, "[]:").c_str(),
          option.value.empty() ? "" : (":" + quoted(option.value, "[]:") + ":_files").c_str());
    std::printf(" \\\n      '--help[print help]' '*:file:_files' ;;\n");
  }
  std::string group;
  for (const Command* command : all_commands()) {
    const std::string first = first_word(command->name);
    if (second_word(command->name).empty() || first == group) continue;
    group = first;
    std::printf("    %s\\ *) compadd --", first.c_str());
    for (const Command* each : all_commands())
      if (first_word(each->name) == first) std::printf(" %s", second_word(each->name).c_str());
    std::printf(" ;;\n");
  }
  std::printf("  esac\n}\n_saker \"$@\"\n");
}

void fish() {
  std::printf("# saker completion fish\n");
  std::string last;
  for (const Command* command : all_commands()) {
    const std::string first = first_word(command->name), second = second_word(command->name);
    if (first != last)
      std::printf("complete -c saker -n __fish_use_subcommand -a %s -d '%s'\n", first.c_str(),
                  second.empty() ? quoted(command->summary, "").c_str() : "several commands");
    last = first;
    std::string where = "__fish_seen_subcommand_from " + first;
    if (!second.empty()) {
      std::printf("complete -c saker -n '%s' -a %s -d '%s'\n", where.c_str(), second.c_str(),
                  quoted(command->summary, "").c_str());
      where += "; and __fish_seen_subcommand_from " + second;
    }
    for (const Option& option : command->options) {
      const std::string letter = option.letter ? std::string(" -s ") + option.letter : "";
      std::printf("complete -c saker -n '%s' -l %s%s%s -d '%s'\n", where.c_str(),
                  std::string(option.name).c_str(), letter.c_str(),
                  option.value.empty() || option.value_optional() ? "" : " -r",
                  quoted(option.help, "").c_str());
    }
  }
}

int run(const Arguments& arguments) {
  const std::string shell = arguments.words.size() == 1 ? arguments.words[0] : "";
  if (shell == "bash")
    bash();
  else if (shell == "zsh")
    zsh();
  else if (shell == "fish")
    fish();
  else
    return usage_error(completion_command, "takes the name of a shell: bash, zsh or fish");
  return exit_ok;
}

}  // namespace

const Command completion_command = {
    "completion",
    "bash|zsh|fish",
    "print a completion script for a shell",
    "Prints a script with which the shell completes commands and options of saker. The packages\n"
    "install it; otherwise: saker completion bash > /usr/share/bash-completion/completions/saker\n",
    {},
    run};

}  // namespace saker::cli
