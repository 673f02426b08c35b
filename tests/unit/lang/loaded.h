// SPDX-License-Identifier: Apache-2.0
// Rule files in memory for tests, and the results of loading them as short text.
#pragma once

#include <string>
#include <vector>

#include "lang/print.h"
#include "lang/rules.h"

namespace saker::lang {

inline RuleSet loaded(const std::vector<std::string>& texts, const LoadOptions& options = {}) {
  std::vector<SourceText> sources;
  for (std::size_t i = 0; i < texts.size(); ++i)
    sources.push_back({"f" + std::to_string(i) + ".yaml", texts[i]});
  return load_rule_texts(sources, options);
}

// "f0.yaml:3:5 LOAD_ERR_VALIDATE", one per line, errors before warnings for each file.
inline std::string codes(const RuleSet& rules) {
  std::string text;
  for (const Diagnostic& diagnostic : rules.diagnostics())
    text += diagnostic.file + ":" + std::to_string(diagnostic.pos.line) + ":" +
            std::to_string(diagnostic.pos.column) + " " + std::string(code_name(diagnostic.code)) +
            "\n";
  return text;
}

// Only the codes of the errors.
inline std::string errors(const RuleSet& rules) {
  std::string text;
  for (const Diagnostic& diagnostic : rules.diagnostics())
    if (diagnostic.error())
      text += (text.empty() ? "" : " ") + std::string(code_name(diagnostic.code));
  return text;
}

inline bool has_code(const RuleSet& rules, Code code) {
  for (const Diagnostic& diagnostic : rules.diagnostics())
    if (diagnostic.code == code) return true;
  return false;
}

inline const Rule* find_rule(const RuleSet& rules, std::string_view name) {
  for (const Rule& rule : rules.rules)
    if (rule.name == name) return &rule;
  return nullptr;
}

// A rule with that condition, named r, indented so that the condition begins at line 2, column 14.
inline std::string rule(const std::string& condition, const std::string& more = {}) {
  return "- rule: r\n  condition: " + condition + "\n  output: o\n  desc: d\n  priority: INFO\n" +
         more;
}

// The canonical condition of rule `name`, or the error codes.
inline std::string condition_of(const RuleSet& rules, std::string_view name = "r") {
  const Rule* found = find_rule(rules, name);
  return found && rules.ok() ? print(found->expr) : errors(rules);
}

}  // namespace saker::lang
