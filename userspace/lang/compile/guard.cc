// SPDX-License-Identifier: Apache-2.0
// The values by which an entry can be searched.
#include <algorithm>
#include <cmath>

#include "lang/compile/index.h"
#include "lang/operators.h"

namespace saker::lang {
namespace {

using program::PredicateRow;
using program::ProbeRow;
using program::SourceRow;

constexpr std::size_t max_guards = 3;  // alternatives kept for a condition
constexpr std::size_t max_keys = 256;  // of one guard
constexpr unsigned worth_a_scan =
    4;  // texts for one source from which on it pays to scan values for all of them

void keep_best(std::vector<Guard>& guards) {
  std::sort(guards.begin(), guards.end(),
            [](const Guard& a, const Guard& b) { return a.likely < b.likely; });
  if (guards.size() > max_guards) guards.resize(max_guards);
}

bool searchable(const PredicateRow& row) {
  Op op = static_cast<Op>(row.op);
  auto compare = static_cast<program::Compare>(row.compare);
  if (row.right != program::none || static_cast<Modifier>(row.modifier) == Modifier::allof)
    return false;
  switch (op) {
    case Op::eq:
    case Op::in:
    case Op::intersects:
      return compare == program::Compare::text || compare == program::Compare::number ||
             compare == program::Compare::natural;
    case Op::startswith:
    case Op::bstartswith:
    case Op::endswith:
    case Op::contains:
    case Op::bcontains:
    case Op::pmatch:
    case Op::glob: return true;
    default: return false;
  }
}

// The literal beginning of a pattern, or else its literal end. False if it has neither.
bool literal_part(SearchKey& key) {
  constexpr std::string_view special = "*?[]\\";
  std::size_t first = std::min(key.text.find_first_of(special), key.text.size());
  std::size_t last = key.text.find_last_of(special);
  std::string tail = last == key.text.npos ? "" : key.text.substr(last + 1);
  key.kind = first >= tail.size() ? ProbeRow::prefix : ProbeRow::suffix;
  key.text = first >= tail.size() ? key.text.substr(0, first) : tail;
  return key.text.size() > 1;
}

}  // namespace

IndexMaker::IndexMaker(const TableMaker& tables, const Logic& logic, Weights& weights)
    : tables_(tables), logic_(logic), weights_(weights) {
  for (const PredicateRow& row : tables.predicates) {
    Op op = static_cast<Op>(row.op);
    if (op == Op::contains || op == Op::bcontains) substrings_[row.source] += row.literals.count;
  }
}

double IndexMaker::likely(const SearchKey& key) const {
  double length = static_cast<double>(key.text.size());
  bool process = tables_.sources[key.source].flags & SourceRow::process_only;
  switch (key.kind) {
    case ProbeRow::equal:
      // Small numbers and single letters are categories, not names.
      if (key.number) return key.value < 16 ? 0.5 : 0.01;
      return length < 2 ? 0.5 : process ? 0.01 : 0.002;
    case ProbeRow::prefix: return std::min(0.6, 0.6 / std::max(1.0, length * length / 4));
    default: return std::min(0.6, 0.5 / std::max(1.0, length));
  }
}

std::vector<Guard> IndexMaker::guard_of_predicate(std::uint32_t predicate) {
  const PredicateRow& row = tables_.predicates[predicate];
  const SourceRow& source = tables_.sources[row.source];
  if (!searchable(row) || (source.flags & SourceRow::each) || row.literals.count > max_keys)
    return {};
  // A list without elements is a subset of every set.
  if ((source.flags & SourceRow::list_value) && static_cast<Op>(row.op) == Op::in) return {};
  Guard guard{{}, 0};
  SearchKey key;
  key.kind = probe_kind(static_cast<Op>(row.op));
  key.source = row.source;
  key.number = static_cast<program::Compare>(row.compare) != program::Compare::text;
  if (key.kind == ProbeRow::within && substrings_[row.source] < worth_a_scan) return {};
  for (std::uint32_t i = row.literals.at; i < row.literals.at + row.literals.count; i++) {
    const program::LiteralRow& literal = tables_.literals[i];
    key.value = literal.number;
    key.text = tables_.str(literal.text);
    if (static_cast<Op>(row.op) == Op::pmatch && has_glob(key.text)) return {};
    if (static_cast<Op>(row.op) == Op::glob && !literal_part(key)) return {};
    if (key.kind == ProbeRow::within && key.text.size() < 2) return {};
    if (key.kind == ProbeRow::prefix && key.text.empty()) return {};
    if (key.kind == ProbeRow::suffix && key.text.empty()) return {};
    guard.keys.push_back(key);
    guard.likely += likely(key);
  }
  // Without a key no search would ever find the entry.
  return guard.keys.empty() ? std::vector<Guard>{} : std::vector<Guard>{guard};
}

std::vector<Guard> IndexMaker::guards_of_all(const std::vector<Lit>& children) {
  std::vector<Guard> best;
  for (Lit child : children) {
    const std::vector<Guard>& of_child = guards(child);
    best.insert(best.end(), of_child.begin(), of_child.end());
  }
  keep_best(best);
  return best;
}

// `children` are the negations of the alternatives.
std::vector<Guard> IndexMaker::guards_of_any(const std::vector<Lit>& children) {
  Guard all{{}, 0};
  for (Lit child : children) {
    const std::vector<Guard>& of_child = guards(negated(child));
    if (of_child.empty() || all.keys.size() > max_keys) return {};
    all.keys.insert(all.keys.end(), of_child[0].keys.begin(), of_child[0].keys.end());
    all.likely += of_child[0].likely;
  }
  return {all};
}

std::vector<Guard> IndexMaker::guards_of_node(Lit lit) {
  const Logic::Node& node = logic_.node(node_of(lit));
  if (node.kind == Logic::Kind::atom) {
    return is_negated(lit) ? std::vector<Guard>{} : guard_of_predicate(node.predicate);
  }
  if (node.kind != Logic::Kind::all) return {};
  return is_negated(lit) ? guards_of_any(node.children) : guards_of_all(node.children);
}

// References to elements of an unordered_map stay valid.
const std::vector<Guard>& IndexMaker::guards(Lit lit) {
  auto known = known_.find(lit);
  if (known != known_.end()) return known->second;
  std::vector<Guard> found = guards_of_node(lit);
  std::erase_if(found, [](const Guard& guard) { return guard.likely > 0.4; });
  return known_.emplace(lit, std::move(found)).first->second;
}

}  // namespace saker::lang
