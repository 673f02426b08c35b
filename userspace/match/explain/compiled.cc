// SPDX-License-Identifier: Apache-2.0
#include "match/explain/compiled.h"

#include <algorithm>
#include <unordered_set>

#include "lang/ast.h"
#include "lang/operators.h"
#include "match/explain/compiled_text.h"

namespace saker::match {
namespace {

using lang::Op;
using lang::program::EntryRow;
using lang::program::LiteralRow;
using lang::program::none;
using lang::program::PredicateRow;
using lang::program::ProbeRow;
using lang::program::Sections;
using lang::program::Slice;
using lang::program::SourceRow;
using lang::program::StepRow;
using lang::program::TestRow;

void put(std::string& key, std::string_view text) {
  key += std::to_string(text.size());
  key += ':';
  key += text;
}

void put_source(std::string& key, const Sections& sections, std::uint32_t index) {
  const SourceRow& row = sections.sources[index];
  key += 's';
  for (unsigned value : {row.kind, row.transform_kind, row.type, row.flags})
    key += std::to_string(value) + ",";
  put(key, sections.str(row.name));
  put(key, sections.str(row.arg));
  for (std::uint32_t part : Sections::rows(sections.parts, row.parts))
    put_source(key, sections, part);
  key += ';';
}

// Equal for the same predicate, whatever program contains it.
std::string key_of(const Sections& sections, std::uint32_t predicate) {
  const PredicateRow& row = sections.predicates[predicate];
  std::string key;
  for (unsigned value : {row.op, row.modifier, row.compare}) key += std::to_string(value) + ",";
  put_source(key, sections, row.source);
  if (row.right != none) put_source(key, sections, row.right);
  for (const LiteralRow& literal : Sections::rows(sections.literals, row.literals)) {
    key += std::to_string(literal.number) + ",";
    put(key, sections.str(literal.text));
  }
  return key;
}

struct Asked {
  std::uint32_t predicate = 0;
  bool remembered = false;  // the test itself or one that contains it
};

// Predicates reachable from a test, in the order in which they can be evaluated.
void reach(const Sections& sections, std::uint32_t index, bool remembered,
           std::unordered_set<std::uint32_t>& seen, std::vector<Asked>& order) {
  if (!seen.insert(index).second) return;
  const TestRow& test = sections.tests[index];
  remembered = remembered || test.bit != none;
  if (test.kind == TestRow::predicate) {
    order.push_back({test.what.at, remembered});
    return;
  }
  for (const StepRow& step : Sections::rows(sections.steps, test.what))
    reach(sections, step.test, remembered, seen, order);
}

std::vector<Asked> predicates_of(const Sections& sections, std::uint32_t test) {
  std::unordered_set<std::uint32_t> seen;
  std::vector<Asked> order;
  reach(sections, test, false, seen, order);
  return order;
}

auto find_in(const std::vector<Asked>& order, std::uint32_t predicate) {
  return std::find_if(order.begin(), order.end(),
                      [&](const Asked& asked) { return asked.predicate == predicate; });
}

}  // namespace

CompiledRules::CompiledRules(const Program& rules, const Program& questions, std::size_t tests) {
  // Both were verified when they were loaded.
  sections_ = *lang::program::open(rules.bytes());
  Sections asked = *lang::program::open(questions.bytes());
  std::unordered_map<std::string, std::uint32_t> known;
  for (std::uint32_t i = 0; i < sections_.predicates.size(); i++)
    known.emplace(key_of(sections_, i), i);
  tests_.assign(sections_.predicates.size(), none);
  for (std::uint32_t i = 0; i < sections_.tests.size(); i++)
    if (sections_.tests[i].kind == TestRow::predicate) tests_[sections_.tests[i].what.at] = i;
  predicates_.assign(tests, none);
  for (const EntryRow& entry : asked.entries) {
    std::uint32_t index = asked.rules[entry.rule].index;
    const TestRow& test = asked.tests[entry.test];
    if (index >= 2 * tests || index % 2 != 0 || test.kind != TestRow::predicate) continue;
    auto found = known.find(key_of(asked, test.what.at));
    if (found != known.end()) predicates_[index / 2] = found->second;
  }
  for (std::uint32_t i = 0; i < sections_.rules.size(); i++) rows_[sections_.rules[i].index] = i;
  askers_ = rules_asking(sections_);
}

CompiledRules::Place CompiledRules::place(std::uint32_t rule, std::uint16_t event_type) const {
  auto row = rows_.find(rule);
  if (row == rows_.end() || event_type >= sections_.events.size()) return {};
  const lang::program::EventRow& plan = sections_.events[event_type];
  std::span<const EntryRow> entries = Sections::rows(sections_.entries, plan.entries);
  for (std::uint32_t i = 0; i < entries.size(); i++)
    if (entries[i].rule == row->second) return {&plan, i, entries[i].test};
  return {};
}

bool CompiledRules::always_looked_at(std::uint32_t rule, std::uint16_t event_type) const {
  Place at = place(rule, event_type);
  return at.plan && holds_position(sections_, at.plan->always, at.position);
}

std::string CompiledRules::found_by(const Place& at, std::uint32_t predicate) const {
  const PredicateRow& row = sections_.predicates[predicate];
  Op op = static_cast<Op>(row.op);
  for (const ProbeRow& probe : Sections::rows(sections_.probes, at.plan->probes)) {
    bool glob =
        op == Op::glob && (probe.kind == ProbeRow::prefix || probe.kind == ProbeRow::suffix);
    if (probe.source != row.source || (probe.kind != lang::probe_kind(op) && !glob)) continue;
    if (probe_finds(sections_, probe, at.position)) return probe_text(sections_, probe);
  }
  return {};
}

CompiledTest CompiledRules::test(std::uint32_t n, std::uint32_t rule,
                                 std::uint16_t event_type) const {
  CompiledTest result;
  std::uint32_t predicate = predicates_[n];
  if (predicate == none) return result;
  result.method = method_text(sections_, sections_.predicates[predicate]);
  std::uint32_t index = tests_[predicate];
  if (index == none) return result;
  result.in_program = true;
  result.rules = askers_[index];
  result.views = sections_.tests[index].views != 0;
  Place at = place(rule, event_type);
  if (!at.plan) return result;
  std::vector<Asked> order = predicates_of(sections_, at.test);
  auto found = find_in(order, predicate);
  result.of = static_cast<std::uint32_t>(order.size());
  if (found == order.end()) return result;
  result.order = static_cast<std::uint32_t>(found - order.begin()) + 1;
  result.remembered = found->remembered;
  result.found_by = found_by(at, predicate);
  for (const lang::program::GateRow& gate : Sections::rows(sections_.gates, at.plan->gates)) {
    std::vector<Asked> asked = predicates_of(sections_, gate.test);
    if (holds_position(sections_, gate.positions, at.position) &&
        find_in(asked, predicate) != asked.end())
      result.gate = true;
  }
  return result;
}

}  // namespace saker::match
