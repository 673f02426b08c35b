// SPDX-License-Identifier: Apache-2.0
#include "match/explain/compiled.h"

#include <algorithm>
#include <unordered_set>

#include "lang/ast.h"
#include "match/explain/compiled_text.h"

namespace saker::match {
namespace {

using lang::Op;
using lang::program::Entry;
using lang::program::Image;
using lang::program::Literal;
using lang::program::none;
using lang::program::Predicate;
using lang::program::Probe;
using lang::program::Slice;
using lang::program::Source;
using lang::program::Step;
using lang::program::Test;

void put(std::string& key, std::string_view text) {
  key += std::to_string(text.size());
  key += ':';
  key += text;
}

void put_source(std::string& key, const Image& image, std::uint32_t index) {
  const Source& row = image.sources[index];
  key += 's';
  for (unsigned value : {row.kind, row.transform_kind, row.type, row.flags})
    key += std::to_string(value) + ",";
  put(key, image.str(row.name));
  put(key, image.str(row.arg));
  for (std::uint32_t part : Image::rows(image.parts, row.parts)) put_source(key, image, part);
  key += ';';
}

// The same for the same question, whatever program it stands in.
std::string key_of(const Image& image, std::uint32_t predicate) {
  const Predicate& row = image.predicates[predicate];
  std::string key;
  for (unsigned value : {row.op, row.modifier, row.compare}) key += std::to_string(value) + ",";
  put_source(key, image, row.source);
  if (row.right != none) put_source(key, image, row.right);
  for (const Literal& literal : Image::rows(image.literals, row.literals)) {
    key += std::to_string(literal.number) + ",";
    put(key, image.str(literal.text));
  }
  return key;
}

struct Asked {
  std::uint32_t predicate = 0;
  bool remembered = false;  // itself or what it is a part of
};

// Predicates that a test leads to, in the order in which they can be asked.
void reach(const Image& image, std::uint32_t index, bool remembered,
           std::unordered_set<std::uint32_t>& seen, std::vector<Asked>& order) {
  if (!seen.insert(index).second) return;
  const Test& test = image.tests[index];
  remembered = remembered || test.bit != none;
  if (test.kind == Test::predicate) {
    order.push_back({test.what.at, remembered});
    return;
  }
  for (const Step& step : Image::rows(image.steps, test.what))
    reach(image, step.test, remembered, seen, order);
}

std::vector<Asked> predicates_of(const Image& image, std::uint32_t test) {
  std::unordered_set<std::uint32_t> seen;
  std::vector<Asked> order;
  reach(image, test, false, seen, order);
  return order;
}

auto find_in(const std::vector<Asked>& order, std::uint32_t predicate) {
  return std::find_if(order.begin(), order.end(),
                      [&](const Asked& asked) { return asked.predicate == predicate; });
}

std::uint32_t probe_kind(Op op) {
  switch (op) {
    case Op::startswith:
    case Op::bstartswith:
    case Op::pmatch: return Probe::prefix;
    case Op::endswith: return Probe::suffix;
    case Op::contains:
    case Op::bcontains: return Probe::within;
    default: return Probe::equal;
  }
}

}  // namespace

CompiledRules::CompiledRules(const Program& rules, const Program& questions, std::size_t tests) {
  // Both were verified when they were loaded.
  image_ = *lang::program::open(rules.bytes());
  Image asked = *lang::program::open(questions.bytes());
  std::unordered_map<std::string, std::uint32_t> known;
  for (std::uint32_t i = 0; i < image_.predicates.size(); i++) known.emplace(key_of(image_, i), i);
  tests_.assign(image_.predicates.size(), none);
  for (std::uint32_t i = 0; i < image_.tests.size(); i++)
    if (image_.tests[i].kind == Test::predicate) tests_[image_.tests[i].what.at] = i;
  predicates_.assign(tests, none);
  for (const Entry& entry : asked.entries) {
    std::uint32_t index = asked.rules[entry.rule].index;
    const Test& test = asked.tests[entry.test];
    if (index >= 2 * tests || index % 2 != 0 || test.kind != Test::predicate) continue;
    auto found = known.find(key_of(asked, test.what.at));
    if (found != known.end()) predicates_[index / 2] = found->second;
  }
  for (std::uint32_t i = 0; i < image_.rules.size(); i++) rows_[image_.rules[i].index] = i;
  askers_ = rules_asking(image_);
}

CompiledRules::Place CompiledRules::place(std::uint32_t rule, std::uint16_t event_type) const {
  auto row = rows_.find(rule);
  if (row == rows_.end() || event_type >= image_.events.size()) return {};
  const lang::program::Event& plan = image_.events[event_type];
  std::span<const Entry> entries = Image::rows(image_.entries, plan.entries);
  for (std::uint32_t i = 0; i < entries.size(); i++)
    if (entries[i].rule == row->second) return {&plan, i, entries[i].test};
  return {};
}

bool CompiledRules::always_looked_at(std::uint32_t rule, std::uint16_t event_type) const {
  Place at = place(rule, event_type);
  return at.plan && holds_position(image_, at.plan->always, at.position);
}

std::string CompiledRules::found_by(const Place& at, std::uint32_t predicate) const {
  const Predicate& row = image_.predicates[predicate];
  Op op = static_cast<Op>(row.op);
  for (const Probe& probe : Image::rows(image_.probes, at.plan->probes)) {
    bool glob = op == Op::glob && (probe.kind == Probe::prefix || probe.kind == Probe::suffix);
    if (probe.source != row.source || (probe.kind != probe_kind(op) && !glob)) continue;
    if (probe_finds(image_, probe, at.position)) return probe_text(image_, probe);
  }
  return {};
}

CompiledTest CompiledRules::test(std::uint32_t n, std::uint32_t rule,
                                 std::uint16_t event_type) const {
  CompiledTest result;
  std::uint32_t predicate = predicates_[n];
  if (predicate == none) return result;
  result.method = method_text(image_, image_.predicates[predicate]);
  std::uint32_t index = tests_[predicate];
  if (index == none) return result;
  result.in_program = true;
  result.rules = askers_[index];
  result.views = image_.tests[index].views != 0;
  Place at = place(rule, event_type);
  if (!at.plan) return result;
  std::vector<Asked> order = predicates_of(image_, at.test);
  auto found = find_in(order, predicate);
  result.of = static_cast<std::uint32_t>(order.size());
  if (found == order.end()) return result;
  result.order = static_cast<std::uint32_t>(found - order.begin()) + 1;
  result.remembered = found->remembered;
  result.found_by = found_by(at, predicate);
  for (const lang::program::Gate& gate : Image::rows(image_.gates, at.plan->gates)) {
    std::vector<Asked> asked = predicates_of(image_, gate.test);
    if (holds_position(image_, gate.positions, at.position) &&
        find_in(asked, predicate) != asked.end())
      result.gate = true;
  }
  return result;
}

}  // namespace saker::match
