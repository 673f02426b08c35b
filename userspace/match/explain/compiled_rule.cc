// SPDX-License-Identifier: Apache-2.0
#include "match/explain/compiled_rule.h"

#include <unordered_map>

#include "match/explain/compiled_text.h"

namespace saker::match {
namespace {

using lang::program::Entry;
using lang::program::Event;
using lang::program::Gate;
using lang::program::Image;
using lang::program::none;
using lang::program::Probe;
using lang::program::Step;
using lang::program::Test;

class Describer {
 public:
  explicit Describer(const Image& image) : image_(image), askers_(rules_asking(image)) {}

  CompiledRule rule(std::uint32_t row) {
    for (std::size_t kind = 0; kind < image_.events.size(); kind++) {
      std::span<const Entry> entries = Image::rows(image_.entries, image_.events[kind].entries);
      for (std::uint32_t at = 0; at < entries.size(); at++)
        if (entries[at].rule == row)
          add(static_cast<fields::EventKind>(kind),
              way_to(image_.events[kind], at, entries[at].test));
    }
    return std::move(result_);
  }

 private:
  CompiledEvents way_to(const Event& plan, std::uint32_t position, std::uint32_t test) {
    CompiledEvents way;
    way.always = holds_position(image_, plan.always, position);
    for (const Probe& probe : Image::rows(image_.probes, plan.probes))
      if (probe_finds(image_, probe, position)) way.found_by.push_back(probe_text(image_, probe));
    for (const Gate& gate : Image::rows(image_.gates, plan.gates))
      if (holds_position(image_, gate.positions, position))
        way.gates.push_back((gate.answer ? "" : "not ") + gate_text(gate.test));
    way.code = code_of(test);
    return way;
  }

  std::string gate_text(std::uint32_t test) {
    const Test& row = image_.tests[test];
    if (row.kind == Test::predicate) return predicate_text(image_, image_.predicates[row.what.at]);
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
    const Test& row = image_.tests[test];
    code.remembered = row.bit != none;
    code.rules = askers_[test];
    if (row.kind == Test::predicate) {
      code.steps.push_back(step_of({test, Step::hold, Step::fail}));
    } else {
      for (const Step& step : Image::rows(image_.steps, row.what))
        code.steps.push_back(step_of(step));
    }
    result_.codes[number - 1] = std::move(code);
    return number;
  }

  CompiledStep step_of(const Step& step) {
    const Test& test = image_.tests[step.test];
    CompiledStep result;
    auto next = [](std::uint32_t to) { return to >= Step::fail ? to : to + 1; };
    result.yes = next(step.yes);
    result.no = next(step.no);
    result.rules = askers_[step.test];
    result.remembered = test.bit != none;
    result.views = test.views != 0;
    if (test.kind == Test::predicate) {
      result.text = predicate_text(image_, image_.predicates[test.what.at]);
      result.method = method_text(image_, image_.predicates[test.what.at]);
    } else {
      result.code = code_of(step.test);
    }
    return result;
  }

  const Image& image_;
  std::vector<std::uint32_t> askers_;  // by test
  CompiledRule result_;
  std::unordered_map<std::uint32_t, std::uint32_t> numbers_;  // of codes by test
};

}  // namespace

CompiledRule compiled_rule(const Program& program, std::uint32_t index) {
  // It was verified when it was loaded.
  Image image = *lang::program::open(program.bytes());
  for (std::uint32_t row = 0; row < image.rules.size(); row++)
    if (image.rules[row].index == index) return Describer(image).rule(row);
  return {};
}

}  // namespace saker::match
