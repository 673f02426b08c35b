// SPDX-License-Identifier: Apache-2.0
#include "output/rule_text.h"

#include <unordered_map>

namespace saker::output {

Result<std::vector<RuleText>> rule_texts(const match::Program& program,
                                         const std::map<std::string, std::string>& static_fields) {
  std::vector<RuleText> texts;
  texts.reserve(program.rule_count());
  // Whether a rule may name the fields of pods was decided when it was loaded.
  const lang::Scope scope{static_fields, {lang::kubernetes_plugin.first}};
  for (std::uint32_t index = 0; index < program.rule_count(); index++) {
    const match::RuleInfo& info = program.rule(index);
    lang::OutputParse parsed = lang::parse_output(info.output, scope);
    if (!parsed.errors.empty())
      return Error{"output of rule \"" + std::string(info.name) +
                   "\": " + parsed.errors.front().message +
                   "; compile the program again with this version's saker rules compile"};
    RuleText text;
    text.name = info.name;
    text.source = info.source;
    text.priority = static_cast<lang::Priority>(info.priority);
    text.capture = info.capture;
    text.capture_ms = info.capture_ms;
    text.tags.assign(info.tags.begin(), info.tags.end());
    text.output = std::move(parsed.format);
    texts.push_back(std::move(text));
  }
  return texts;
}

void add_extra_fields(std::vector<RuleText>& texts, const lang::RuleSet& rules) {
  std::unordered_map<std::string_view, const lang::Rule*> by_name;
  for (const lang::Rule& rule : rules.rules) by_name.emplace(rule.name, &rule);
  for (RuleText& text : texts) {
    auto found = by_name.find(text.name);
    if (found != by_name.end()) text.extra_fields = found->second->extra_fields;
  }
}

}  // namespace saker::output
