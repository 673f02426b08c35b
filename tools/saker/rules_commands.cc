// SPDX-License-Identifier: Apache-2.0
// saker rules check, list, show, compile: rule files seen by a person. None of them asks the
// daemon.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <optional>

#include "base/fd.h"
#include "command.h"
#include "explain/compiled_view.h"
#include "lang/compile.h"
#include "lang/describe.h"
#include "lang/rules.h"
#include "match/explain/compiled_rule.h"
#include "rule_arguments.h"
#include "run/generation.h"

namespace saker::cli {
namespace {

bool stderr_is_terminal() { return ::isatty(STDERR_FILENO) == 1; }

void print_diagnostics(const lang::RuleSet& rules) {
  for (const lang::Diagnostic& diagnostic : rules.diagnostics())
    std::fputs(lang::render(diagnostic, stderr_is_terminal()).c_str(), stderr);
}

// The rule files that --rules and the words of the command line name, or the configuration's;
// nothing, and the errors printed, if there is one in the configuration. What it adds to alerts
// is no part of the rules unless it is named.
std::optional<run::Config> configuration(const Arguments& arguments, bool words_are_files) {
  const bool named = arguments.has("rules") || (words_are_files && !arguments.words.empty());
  Result<run::Config> config =
      named ? read_config_if_asked(arguments) : read_config(arguments, false);
  if (!config) {
    std::fputs(config.error().message.c_str(), stderr);
    return std::nullopt;
  }
  if (!words_are_files || arguments.words.empty()) return std::move(*config);
  std::vector<std::string>& files = config->rules_files;
  if (!arguments.has("rules")) files.clear();
  files.insert(files.end(), arguments.words.begin(), arguments.words.end());
  return std::move(*config);
}

// One set, loaded in this order: said where there is more than one file, for what is later may
// change what is earlier.
std::string summary(const lang::RuleSet& rules) {
  std::string lines = lang::validation_summary(rules);
  if (rules.files.size() < 2) return lines;
  return std::to_string(rules.files.size()) + " files, loaded as one set in this order:\n" + lines;
}

int check(const Arguments& arguments) {
  if (arguments.words.empty() && !arguments.has("rules") && !arguments.has("config"))
    return usage_error(rules_check_command, "which file?");
  std::optional<run::Config> config = configuration(arguments, true);
  if (!config) return exit_failed;
  lang::LoadOptions options = run::load_options(*config);
  options.syntax_only = arguments.has("syntax-only");
  lang::RuleSet rules = lang::load_rules(config->rules_files, options);
  if (arguments.has("json")) {
    std::printf("%s\n", lang::validation_json(rules).c_str());
  } else {
    std::fflush(stdout);
    print_diagnostics(rules);
    std::fputs(summary(rules).c_str(), stdout);
  }
  return rules.ok() ? exit_ok : exit_failed;
}

// Nothing, and the errors printed, if the rules are wrong.
std::optional<lang::RuleSet> load(const run::Config& config) {
  lang::RuleSet rules = lang::load_rules(config.rules_files, run::load_options(config));
  if (rules.ok()) return rules;
  print_diagnostics(rules);
  return std::nullopt;
}

std::optional<lang::RuleSet> load(const Arguments& arguments) {
  std::optional<run::Config> config = configuration(arguments, false);
  return config ? load(*config) : std::nullopt;
}

int list(const Arguments& arguments) {
  if (!arguments.words.empty()) return usage_error(rules_list_command, "takes no argument");
  std::optional<lang::RuleSet> rules = load(arguments);
  if (!rules) return exit_failed;
  if (arguments.has("json"))
    std::printf("%s\n", lang::describe_json(*rules).c_str());
  else
    std::fputs(lang::list_rules(*rules).c_str(), stdout);
  return exit_ok;
}

// What all the rules' program has of the one with this name, if there is one. False, and why
// printed, if there is no program.
bool add_compiled(const lang::RuleSet& rules, std::string_view name,
                  std::optional<match::CompiledRule>& compiled) {
  auto rule = std::find_if(rules.rules.begin(), rules.rules.end(),
                           [&](const lang::Rule& each) { return each.name == name; });
  if (rule == rules.rules.end()) return true;
  Result<std::vector<std::byte>> bytes = lang::compile(rules, lang::RuleMatching::first);
  auto program = bytes ? match::Program::load(std::move(*bytes)) : bytes.error();
  if (!program) {
    std::fprintf(stderr, "saker: %s\n", program.error().message.c_str());
    return false;
  }
  compiled =
      match::compiled_rule(**program, static_cast<std::uint32_t>(rule - rules.rules.begin()));
  return true;
}

int show(const Arguments& arguments) {
  if (arguments.words.size() != 1)
    return usage_error(rules_show_command, "needs one name, in quotes");
  const std::string& name = arguments.words[0];
  std::optional<lang::RuleSet> rules = load(arguments);
  if (!rules) return exit_failed;
  std::string text = lang::show_item(*rules, name);
  if (text.empty()) {
    std::string near = lang::nearest_item(*rules, name);
    std::fprintf(
        stderr, "saker: there is no rule, macro or list \"%s\"%s\n", name.c_str(),
        near.empty() ? "; saker rules list" : ("; did you mean \"" + near + "\"?").c_str());
    return exit_failed;
  }
  std::optional<match::CompiledRule> compiled;
  if (!add_compiled(*rules, name, compiled)) return exit_failed;
  if (arguments.has("json")) {
    nlohmann::json json = nlohmann::json::parse(lang::describe_json(*rules, name));
    if (compiled) json["rules"][0]["compiled"] = compiled_json(*compiled);
    std::printf("%s\n", json.dump().c_str());
  } else {
    std::printf("%s%s", text.c_str(), compiled ? compiled_text(*compiled).c_str() : "");
  }
  return exit_ok;
}

// Beside the file and then renamed: whoever reads the program sees the old one or the new one,
// whole.
Result<void> write_program(const std::string& path, const std::vector<std::byte>& bytes) {
  std::string fresh = path + ".new";
  Fd file(::open(fresh.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0644));
  if (!file) return Error::from_errno(fresh);
  for (std::size_t done = 0; done < bytes.size();) {
    ssize_t wrote = ::write(file.get(), bytes.data() + done, bytes.size() - done);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return Error::from_errno(fresh);
    done += static_cast<std::size_t>(wrote);
  }
  if (::fsync(file.get()) != 0) return Error::from_errno(fresh);
  if (::rename(fresh.c_str(), path.c_str()) != 0) return Error::from_errno(path);
  return {};
}

int compile(const Arguments& arguments) {
  if (arguments.words.empty() && !arguments.has("rules") && !arguments.has("config"))
    return usage_error(rules_compile_command, "which rules?");
  std::string to = arguments.value("output");
  if (to.empty()) return usage_error(rules_compile_command, "where to? -o FILE.skp");
  std::optional<run::Config> config = configuration(arguments, true);
  if (!config) return exit_failed;
  const bool all = config->rule_matching == lang::RuleMatching::all;
  std::string matching = arguments.value("matching", all ? "all" : "first");
  if (matching != "first" && matching != "all")
    return usage_error(rules_compile_command,
                       "--matching is first or all, not \"" + matching + "\"");
  std::optional<lang::RuleSet> rules = load(*config);
  if (!rules) return exit_failed;
  Result<std::vector<std::byte>> program = lang::compile(
      *rules, matching == "all" ? lang::RuleMatching::all : lang::RuleMatching::first);
  Result<void> written = program ? write_program(to, *program) : Result<void>(program.error());
  if (!written) {
    std::fprintf(stderr, "saker: %s\n", written.error().message.c_str());
    return exit_failed;
  }
  std::printf("%s: %zu rules, %zu bytes\n", to.c_str(), rules->rules.size(), program->size());
  return exit_ok;
}

constexpr Option check_options[] = {
    json_option,
    {0, "syntax-only", "", "do not look up fields, events and macros"},
    rules_option,
    config_option,
    key_option};
constexpr Option list_options[] = {json_option, rules_option, config_option, key_option};
constexpr Option compile_options[] = {{'o', "output", "FILE", "the program to write"},
                                      {0, "matching", "WHICH", "first (default) or all"},
                                      rules_option,
                                      config_option,
                                      {0, key_option.name, key_option.value, key_option.help}};

}  // namespace

const Command rules_check_command = {
    "rules check",
    "FILE...",
    "say whether rule files load, and what is wrong with them",
    "Loads the files and directories in the order given, - for standard input, as one set, as the\n"
    "daemon does: each on top of those before it. Prints every error with its place and what to "
    "do\n"
    "about it. What -c and -o say, such as static_fields and append_output, counts. Exit status 1 "
    "if\n"
    "any file has an error.\n",
    check_options,
    check};
const Command rules_list_command = {"rules list",
                                    "",
                                    "list the rules with their priorities",
                                    "Lists the rules in the order in which they are tried: those "
                                    "of the files that -r names, or of the\n"
                                    "configuration.\n",
                                    list_options,
                                    list};
const Command rules_show_command = {
    "rules show",
    "NAME",
    "print a rule, a macro or a list",
    "Prints the item as written, as expanded and, of a rule, as compiled: how events come to it, "
    "and its tests in\n"
    "the order in which they are asked. What is shared is so with the other rules of --rules.\n",
    list_options,
    show};
const Command rules_compile_command = {
    "rules compile",
    "-o FILE.skp FILE...",
    "make a program of rule files",
    "Compiles rule files into one program that the daemon can load in their place.\n",
    compile_options,
    compile};

}  // namespace saker::cli
