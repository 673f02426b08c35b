// SPDX-License-Identifier: Apache-2.0
#include "lang/compile/code.h"

#include <algorithm>

namespace saker::lang {

using program::StepRow;
using program::TestRow;

Lit CodeMaker::split(Lit lit) {
  if (is_negated(lit)) return negated(split(negated(lit)));
  if (logic_.node(node_of(lit)).kind != Logic::Kind::all || weights_.of(lit).process) return lit;
  auto known = split_.find(lit);
  if (known != split_.end()) return known->second;
  std::vector<Lit> children = logic_.node(node_of(lit)).children;
  std::vector<Lit> on_process, others;
  for (Lit child : children) {
    if (weights_.of(child).process) {
      on_process.push_back(child);
    } else {
      others.push_back(split(child));
    }
  }
  if (!on_process.empty()) others.push_back(logic_.group(std::move(on_process)));
  std::sort(others.begin(), others.end());
  Lit result = logic_.group(std::move(others));
  split_.emplace(lit, result);
  return result;
}

void CodeMaker::count(Lit root) {
  std::uint32_t node = node_of(root);
  if (users_[node]++ > 0) return;
  for (Lit child : logic_.node(node).children) count(child);
}

void CodeMaker::keep(Lit root) {
  std::uint32_t node = node_of(root);
  if (weights_.of(root).process) {
    kept_[node] = true;
    return;
  }
  if (!kept_.emplace(node, false).second) return;
  for (Lit child : logic_.node(node).children) keep(child);
}

bool CodeMaker::stands_alone(std::uint32_t node) {
  if (logic_.node(node).kind == Logic::Kind::atom) return true;
  auto kept = kept_.find(node);
  return users_[node] > 1 || (kept != kept_.end() && kept->second);
}

std::uint32_t CodeMaker::bit_for(std::uint32_t node) {
  auto kept = kept_.find(node);
  if (kept == kept_.end() || !kept->second) return program::none;
  return kept_bits < program::most_kept_bits ? kept_bits++ : program::none;
}

std::uint32_t CodeMaker::test(Lit lit) {
  return is_negated(lit) ? add_code(lit) : test_of_node(node_of(lit));
}

std::uint32_t CodeMaker::test_of_node(std::uint32_t node) {
  Lit lit = node << 1;
  if (logic_.node(node).kind != Logic::Kind::atom) return add_code(lit);
  auto known = made_.find(lit);
  if (known != made_.end()) return known->second;
  TestRow row;
  row.kind = TestRow::predicate;
  row.what = {logic_.node(node).predicate, 1};
  row.bit = bit_for(node);
  row.views = weights_.of(lit).views;
  tests.push_back(row);
  return made_[lit] = static_cast<std::uint32_t>(tests.size() - 1);
}

std::uint32_t CodeMaker::add_code(Lit lit) {
  auto known = made_.find(lit);
  if (known != made_.end()) return known->second;
  Backward code;
  const Logic::Node& node = logic_.node(node_of(lit));
  std::uint32_t yes = StepRow::hold, no = StepRow::fail;
  if (is_negated(lit)) std::swap(yes, no);
  if (node.kind == Logic::Kind::all) {
    // Not through generate(): that would call this very test.
    std::vector<Lit> ordered = weights_.order(node.children);
    std::uint32_t next = yes;
    for (std::size_t i = ordered.size(); i-- > 0;) next = generate(ordered[i], next, no, code);
  } else if (node.kind == Logic::Kind::atom) {
    ask(node_of(lit), yes, no, code);
  }  // else it always holds: a code without a step
  // A label counts steps from the end; the step generated last is the first of the code.
  auto forward = [&](std::uint32_t label) {
    return label >= StepRow::fail ? label
                                  : static_cast<std::uint32_t>(code.steps.size()) - 1 - label;
  };
  TestRow row;
  row.kind = TestRow::code;
  row.what = {static_cast<std::uint32_t>(steps.size()),
              static_cast<std::uint32_t>(code.steps.size())};
  row.bit = is_negated(lit) ? program::none : bit_for(node_of(lit));
  row.views = weights_.of(lit).views;
  for (std::size_t i = code.steps.size(); i-- > 0;) {
    StepRow step = code.steps[i];
    steps.push_back({step.test, forward(step.yes), forward(step.no)});
  }
  tests.push_back(row);
  return made_[lit] = static_cast<std::uint32_t>(tests.size() - 1);
}

std::uint32_t CodeMaker::ask(std::uint32_t node, std::uint32_t yes, std::uint32_t no,
                             Backward& code) {
  std::uint32_t test = test_of_node(node);
  code.steps.push_back({test, yes, no});
  return static_cast<std::uint32_t>(code.steps.size() - 1);
}

std::uint32_t CodeMaker::generate(Lit lit, std::uint32_t yes, std::uint32_t no, Backward& code) {
  if (is_negated(lit)) return generate(negated(lit), no, yes, code);
  if (lit == always_true) return yes;
  std::uint32_t node = node_of(lit);
  if (stands_alone(node)) return ask(node, yes, no, code);
  std::vector<Lit> ordered = weights_.order(logic_.node(node).children);
  std::uint32_t next = yes;
  for (std::size_t i = ordered.size(); i-- > 0;) next = generate(ordered[i], next, no, code);
  return next;
}

}  // namespace saker::lang
