// SPDX-License-Identifier: Apache-2.0
#include "lang/compile/weight.h"

#include <algorithm>

#include "fields/field_id.h"

namespace saker::lang {
namespace {

double cost_of(const program::PredicateRow& row, std::uint32_t literals) {
  switch (static_cast<Op>(row.op)) {
    case Op::exists: return 2;
    case Op::contains:
    case Op::bcontains: return 15;
    case Op::icontains: return 60;
    case Op::glob:
    case Op::iglob: return 40;
    case Op::regex: return 300;
    case Op::pmatch: return 25;
    case Op::in:
    case Op::intersects: return 8;
    default:
      return row.compare == static_cast<std::uint8_t>(program::Compare::text) ? 4.0 * literals
                                                                              : 2.0;
  }
}

double likely_of(const program::PredicateRow& row, std::uint32_t literals) {
  bool text = row.compare == static_cast<std::uint8_t>(program::Compare::text);
  switch (static_cast<Op>(row.op)) {
    case Op::exists: return 0.9;
    case Op::ne: return 0.95;
    case Op::eq: return text ? 0.03 : 0.25;
    case Op::in:
    case Op::intersects: return std::min(0.5, 0.03 + 0.003 * literals);
    case Op::lt:
    case Op::le:
    case Op::gt:
    case Op::ge: return 0.6;
    case Op::startswith:
    case Op::pmatch: return std::min(0.5, 0.04 * literals);
    default: return 0.02;
  }
}

// Known probabilities for a few fields that most rules use.
double likely_of_field(FieldId field, Op op, double otherwise) {
  using fields::field_id;
  bool negative = op == Op::ne;
  if (field == field_id("container.id")) return negative ? 0.2 : 0.8;
  if (field == field_id("evt.is_open_write")) return negative ? 0.8 : 0.2;
  if (field == field_id("evt.is_open_read")) return negative ? 0.2 : 0.8;
  if (field == field_id("fd.num") || field == field_id("evt.rawres")) return 0.9;
  if (field == field_id("fd.typechar")) return 0.8;
  return otherwise;
}

}  // namespace

Weight Weights::of_predicate(std::uint32_t predicate) const {
  const program::PredicateRow& row = tables_.predicates[predicate];
  const program::SourceRow& source = tables_.sources[row.source];
  std::uint32_t literals = std::max(1u, row.literals.count);
  Weight weight;
  weight.cost = cost_of(row, literals) + (source.kind == program::SourceRow::field ? 4 : 20);
  weight.likely = likely_of(row, literals);
  if (source.kind == program::SourceRow::field) {
    weight.likely = likely_of_field(find_field(tables_.str(source.name)), static_cast<Op>(row.op),
                                    weight.likely);
  }
  weight.process = source.flags & program::SourceRow::process_only;
  weight.views = source.flags & program::SourceRow::views;
  if (row.right != program::none) {
    const program::SourceRow& right = tables_.sources[row.right];
    weight.process = weight.process && (right.flags & program::SourceRow::process_only);
    weight.views = weight.views || (right.flags & program::SourceRow::views);
  }
  // Cached with the process after the first evaluation.
  if (weight.process) weight.cost = std::min(weight.cost, 5.0);
  return weight;
}

Weight Weights::of_node(std::uint32_t index) {
  const Logic::Node& node = logic_.node(index);
  Weight weight{1, 1, true, false};
  if (node.kind == Logic::Kind::atom) return of_predicate(node.predicate);
  if (node.kind != Logic::Kind::all) return weight;
  weight.cost = 0;
  for (Lit child : order(node.children)) {
    Weight part = of(child);
    weight.cost += weight.likely * part.cost;
    weight.likely *= part.likely;
    weight.process = weight.process && part.process;
    weight.views = weight.views || part.views;
  }
  if (weight.process) weight.cost = std::min(weight.cost, 5.0);
  return weight;
}

Weight Weights::of(Lit lit) {
  std::uint32_t node = node_of(lit);
  auto at = known_.find(node);
  if (at == known_.end()) at = known_.emplace(node, of_node(node)).first;
  Weight weight = at->second;
  if (is_negated(lit)) weight.likely = 1 - weight.likely;
  return weight;
}

std::vector<Lit> Weights::order(const std::vector<Lit>& children) {
  std::vector<std::pair<double, Lit>> ranked;
  for (Lit child : children) {
    Weight weight = of(child);
    ranked.emplace_back(weight.cost / std::max(0.001, 1 - weight.likely), child);
  }
  std::sort(ranked.begin(), ranked.end());
  std::vector<Lit> ordered;
  for (const auto& [rank, child] : ranked) ordered.push_back(child);
  return ordered;
}

}  // namespace saker::lang
