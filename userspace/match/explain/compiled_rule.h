// SPDX-License-Identifier: Apache-2.0
// A rule as the compiler made it, for a person: how events come to it, and the tests in the order
// in which they are asked. Pure functions of a program; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fields/event_names.h"
#include "match/matcher.h"

namespace saker::match {

// One question of a code: a predicate, or another code of the same rule.
struct CompiledStep {
  std::string text, method;       // of a predicate
  std::uint32_t code = 0;         // the other's number, from 1; 0: a predicate
  std::uint32_t rules = 0;        // that ask it somewhere, this one among them
  bool remembered = false;        // answered once for each process image
  bool views = false;             // asked for each view of a path
  std::uint32_t yes = 0, no = 0;  // the step that follows, counted from 1; or
  static constexpr std::uint32_t hold = 0xffffffff, fail = 0xfffffffe;
};

struct CompiledCode {
  bool remembered = false;
  std::uint32_t rules = 0;
  std::vector<CompiledStep> steps;  // none: it holds
};

// Events at which the rule is come to in one way.
struct CompiledEvents {
  std::vector<fields::EventKind> kinds;
  bool always = false;                // at every event, whatever its values
  std::vector<std::string> found_by;  // else by one of these: "hash table over proc.name"
  std::vector<std::string> gates;  // asked once before all rules that need this answer: "not ..."
  std::uint32_t code = 0;          // that decides: its place in CompiledRule::codes, from 1
};

struct CompiledRule {
  std::vector<CompiledEvents> events;  // none: the rule is not in the program, or can never hold
  std::vector<CompiledCode> codes;
};

// The rule with this RuleInfo::index.
CompiledRule compiled_rule(const Program& program, std::uint32_t index);

}  // namespace saker::match
