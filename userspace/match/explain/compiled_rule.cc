// SPDX-License-Identifier: Apache-2.0
#include "match/explain/compiled_rule.h"

#include <unordered_map>

#include "match/explain/compiled_text.h"

namespace saker::match {
namespace {

using lang::program::EntryRow;
using lang::program::EventRow;
using lang::program::GateRow;
using lang::program::none;
using lang::program::ProbeRow;
using lang::program::Sections;
using lang::program::StepRow;
using lang::program::TestRow;

class Describer {
 public:
  explicit Describer(const Sections& sections)
      : sections_(sections), askers_(rules_asking(sections)) {}

  CompiledRule rule(std::uint32_t row) {
    for (std::size_t kind = 0; kind < sections_.events.size(); kind++) {
      std::span<const EntryRow> entries =
          Sections::rows(sections_.entries, sections_.events[kind].entries);
      for (std::uint32_t at = 0; at < entries.size(); at++)
        if (entries[at].rule == row)
          add(static_cast<fields::EventKind>(kind),
              way_to(sections_.events[kind], at, entries[at].test));
    }
    return std::move(result_);
  }

 private:
  CompiledEvents way_to(const EventRow& plan, std::uint32_t position, std::uint32_t test) {
    CompiledEvents way;
    way.always = holds_position(sections_, plan.always, position);
    for (const ProbeRow& probe : Sections::rows(sections_.probes, plan.probes))
      if (probe_finds(sections_, probe, position))
        way.found_by.push_back(probe_text(sections_, probe));
    for (const GateRow& gate : Sections::rows(sections_.gates, plan.gates))
      if (holds_position(sections_, gate.positions, position))
        way.gates.push_back((gate.answer ? "" : "not ") + gate_text(gate.test));
    way.code = code_of(test);
    return way;
  }

  std::string gate_text(std::uint32_t test) {
    const TestRow& row = sections_.tests[test];
    if (row.kind == TestRow::predicate)
      return predicate_text(sections_, sections_.predicates[row.what.at]);
    return "tests " + std::to_string(code_of(test));
  }

  void add(fields::EventKind kind, CompiledEvents way) {
    for (CompiledEvents& known : result_.events)
      if (known.always == way.always && known.found_by == way.found_by &&
          known.gates == way.gates && known.code == way.code) {
        known.kinds.push_back(kind);
        return;
      }
    way.kinds.push_back(kind);
    result_.events.push_back(std::move(way));
  }

  // A predicate that decides alone is a code of one step.
  std::uint32_t code_of(std::uint32_t test) {
    auto [known, fresh] =
        numbers_.try_emplace(test, static_cast<std::uint32_t>(result_.codes.size()) + 1);
    std::uint32_t number = known->second;
    if (!fresh) return number;
    result_.codes.emplace_back();
    CompiledCode code;
    const TestRow& row = sections_.tests[test];
    code.remembered = row.bit != none;
    code.rules = askers_[test];
    if (row.kind == TestRow::predicate) {
      code.steps.push_back(step_of({test, StepRow::hold, StepRow::fail}));
    } else {
      for (const StepRow& step : Sections::rows(sections_.steps, row.what))
        code.steps.push_back(step_of(step));
    }
    result_.codes[number - 1] = std::move(code);
    return number;
  }

  CompiledStep step_of(const StepRow& step) {
    const TestRow& test = sections_.tests[step.test];
    CompiledStep result;
    auto next = [](std::uint32_t to) { return to >= StepRow::fail ? to : to + 1; };
    result.yes = next(step.yes);
    result.no = next(step.no);
    result.rules = askers_[step.test];
    result.remembered = test.bit != none;
    result.views = test.views != 0;
    if (test.kind == TestRow::predicate) {
      result.text = predicate_text(sections_, sections_.predicates[test.what.at]);
      result.method = method_text(sections_, sections_.predicates[test.what.at]);
    } else {
      result.code = code_of(step.test);
    }
    return result;
  }

  const Sections& sections_;
  std::vector<std::uint32_t> askers_;  // by test
  CompiledRule result_;
  std::unordered_map<std::uint32_t, std::uint32_t> numbers_;  // number of a code, by test
};

}  // namespace

CompiledRule compiled_rule(const Program& program, std::uint32_t index) {
  // It was verified when it was loaded.
  Sections sections = *lang::program::open(program.bytes());
  for (std::uint32_t row = 0; row < sections.rules.size(); row++)
    if (sections.rules[row].index == index) return Describer(sections).rule(row);
  return {};
}

}  // namespace saker::match
