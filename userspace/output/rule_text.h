// SPDX-License-Identifier: Apache-2.0
// The data of a rule that alerts need, apart from the event: made once at load, by index as in
// match::Verdict.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/error.h"
#include "lang/rules.h"
#include "match/matcher.h"

namespace saker::output {

struct RuleText {
  std::string name, source;
  lang::Priority priority = lang::Priority::debug;
  bool capture = false;
  std::uint32_t capture_ms = 0;
  std::vector<std::string> tags;  // sorted
  lang::OutputFormat output;
  std::vector<lang::ExtraField> extra_fields;
};

// From a program alone. Fails if an output names a field that this build does not have.
// `static_fields`: without "static.".
Result<std::vector<RuleText>> rule_texts(
    const match::Program& program, const std::map<std::string, std::string>& static_fields = {});

// Adds data that is only in the rule files (append_output's extra fields), by the rules' names.
void add_extra_fields(std::vector<RuleText>& texts, const lang::RuleSet& rules);

}  // namespace saker::output
