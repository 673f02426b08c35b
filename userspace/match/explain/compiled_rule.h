// SPDX-License-Identifier: Apache-2.0
// A compiled rule for a person: how it is found at events, and its tests in the order of
// evaluation. Pure functions of a program; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fields/event_names.h"
#include "match/matcher.h"

namespace saker::match {

// One step of a code: a predicate, or another code of the same rule.
struct CompiledStep {
  std::string text, method;       // of a predicate
  std::uint32_t code = 0;         // the number of the other code, from 1; 0: a predicate
  std::uint32_t rules = 0;        // number of rules that have it, including this one
  bool remembered = false;        // answered once for each process image
  bool views = false;             // evaluated for each view of a path
  std::uint32_t yes = 0, no = 0;  // the next step, counted from 1; or
  static constexpr std::uint32_t hold = 0xffffffff, fail = 0xfffffffe;
};

struct CompiledCode {
  bool remembered = false;
  std::uint32_t rules = 0;
  std::vector<CompiledStep> steps;  // no steps: always true
};

// Events at which the rule is found in the same way.
struct CompiledEvents {
  std::vector<fields::EventKind> kinds;
  bool always = false;                // at every event, whatever its values
  std::vector<std::string> found_by;  // otherwise by one of these: "hash table over proc.name"
  // tests evaluated once before all rules that need their results: "not ..."
  std::vector<std::string> gates;
  std::uint32_t code = 0;  // the code that decides: its index in CompiledRule::codes, from 1
};

struct CompiledRule {
  std::vector<CompiledEvents> events;  // none: the rule is not in the program, or can never match
  std::vector<CompiledCode> codes;
};

// The rule with this RuleInfo::index.
CompiledRule compiled_rule(const Program& program, std::uint32_t index);

}  // namespace saker::match
