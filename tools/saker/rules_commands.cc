// SPDX-License-Identifier: Apache-2.0
// saker rules check, list, show, compile: rule files for people. None of them contacts the daemon.
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

// The rule files from --rules and the command line, or from the configuration; if the configuration
// has errors, they are printed and nothing is returned. append_output is not part of the rules
// unless the configuration was named.
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

// One set, loaded in this order: printed if there is more than one file, because later files may
// change earlier ones.
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

// If the rules have errors, they are printed and nothing is returned.
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

// Adds the compiled form of the rule with this name, if there is one. False, after printing the
// reason, if there is no program.
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

// Writes a temporary file and renames it: a reader sees either the old or the new program,
// complete.
Result<void> write_program(const std::string& path, const std::vector<std::byte>& bytes) {
  std::string fresh = path + ".new";
  Fd file(::open(fresh.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0644));
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
    "check rule files and print all errors",
    "Loads the files and directories in the given order, - for standard input, as one set, as\n"
    "the daemon does: each builds on those before it. Prints every error with its place and a\n"
    "hint. Settings of -c and -o, such as static_fields and append_output, apply. Exit status\n"
    "1 if any file has an error.\n",
    check_options,
    check};
const Command rules_list_command = {
    "rules list",
    "",
    "list the rules with their priorities",
    "Lists the rules in the order in which they are tried, from the files that -r names, or\n"
    "those of the configuration.\n",
    list_options,
    list};
const Command rules_show_command = {
    "rules show",
    "NAME",
    "print a rule, a macro or a list",
    "Prints the item as written, as expanded and, for a rule, as compiled: how events find\n"
    "it, and its tests in the order of evaluation. Tests are shared with the other rules of\n"
    "--rules.\n",
    list_options,
    show};
const Command rules_compile_command = {
    "rules compile",
    "-o FILE.skp FILE...",
    "compile rule files into a program",
    "Compiles rule files into one program that the daemon can load instead.\n",
    compile_options,
    compile};

}  // namespace saker::cli
