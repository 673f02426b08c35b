// SPDX-License-Identifier: Apache-2.0
// What the compiler made of a test, read back from the compiled program. Pure functions of
// programs; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "lang/program.h"
#include "match/matcher.h"

namespace saker::match {

struct CompiledTest {
  bool in_program =
      false;           // false: answered when the rules were compiled, or no enabled rule has it
  std::string method;  // "hash set of 8", "regular expression", ...
  // how this test finds the rule at this event: "hash table over proc.name"; empty: it does not
  std::string found_by;
  bool gate = false;        // evaluated once for all rules that need its result, before any of them
  bool remembered = false;  // once for each process image
  bool views = false;       // evaluated for each view of a path
  std::uint32_t rules = 0;  // number of rules that have it
  std::uint32_t order =
      0;  // position among the rule's tests at this event; 0: not tested at this event
  std::uint32_t of = 0;  // number of those tests
};

class CompiledRules {
 public:
  // `rules`: the program of the rules. `questions`: a program in which rule 2n (RuleInfo::index) is
  // only test n.
  CompiledRules(const Program& rules, const Program& questions, std::size_t tests);

  // Test n as the rule with this index in the rule set evaluates it at an event of this type.
  CompiledTest test(std::uint32_t n, std::uint32_t rule, std::uint16_t event_type) const;
  // Whether the rule is tried at every event of the type, whatever the event's values.
  bool always_looked_at(std::uint32_t rule, std::uint16_t event_type) const;

 private:
  struct Place {
    const lang::program::EventRow* plan = nullptr;
    std::uint32_t position = 0, test = 0;
  };
  // The rule's entry at an event; without a plan: it has none.
  Place place(std::uint32_t rule, std::uint16_t event_type) const;
  std::string found_by(const Place& place, std::uint32_t predicate) const;

  lang::program::Sections sections_;
  std::vector<std::uint32_t>
      predicates_;  // by test of the questions: row in the rules' program, or none
  std::vector<std::uint32_t> tests_;   // by predicate: its test
  std::vector<std::uint32_t> askers_;  // by test: rules that have it
  // from the rule's index in the set to its row
  std::unordered_map<std::uint32_t, std::uint32_t> rows_;
};

}  // namespace saker::match
