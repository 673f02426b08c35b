// SPDX-License-Identifier: Apache-2.0
#include "run/filter.h"

#include <algorithm>

#include "lang/compile.h"

namespace saker::run {
namespace {

// The file name in error messages.
constexpr const char* name = "condition";
// A rule file with the condition as its only rule. The numbers of lines and columns before the text
// are known, and the text is unchanged, so places of errors can be converted.
constexpr std::string_view head =
    "- rule: condition\n  desc: of a command\n  output: none\n  priority: DEBUG\n  condition: |-\n";
constexpr std::uint32_t lines = 5, columns = 4;

std::string rule_of(std::string_view condition) {
  const std::string margin(columns, ' ');
  std::string text = std::string(head) + margin;
  for (char c : condition) {
    text += c;
    if (c == '\n') text += margin;
  }
  return text + "\n";
}

// An error with its place in the operator's text.
std::string render_error(lang::Diagnostic error) {
  if (error.pos.line > lines) {
    error.pos.line -= lines;
    error.pos.column -= std::min(error.pos.column - 1, columns);
    error.excerpt.erase(0, columns);
  }
  return lang::render(error);
}

}  // namespace

Result<std::unique_ptr<match::Program>> compile_filter(std::string_view condition,
                                                       const std::vector<std::string>& rules_files,
                                                       const lang::LoadOptions& options) {
  const lang::SourceText text{name, rule_of(condition)};
  // Also of recordings that another host made.
  lang::LoadOptions with = options;
  with.plugins.insert(lang::kubernetes_plugin);
  lang::RuleSet rules = lang::load_rules({}, with, {&text, 1});
  if (!rules.ok() && !rules_files.empty()) rules = lang::load_rules(rules_files, with, {&text, 1});
  std::string errors;
  for (const lang::Diagnostic& error : rules.files.back().errors) errors += render_error(error);
  if (!errors.empty()) return Error{errors, EINVAL};
  for (lang::Rule& rule : rules.rules) rule.enabled = rule.file == name;
  Result<std::vector<std::byte>> bytes = lang::compile(rules);
  if (!bytes) return bytes.error();
  return match::Program::load(std::move(*bytes));
}

}  // namespace saker::run
