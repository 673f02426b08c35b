// SPDX-License-Identifier: Apache-2.0
#include "match/explain/compiled_text.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <unordered_map>
#include <unordered_set>

#include "lang/ast.h"
#include "lang/print.h"

namespace saker::match {
namespace {

using lang::Op;
using lang::program::Compare;
using lang::program::LiteralRow;
using lang::program::none;
using lang::program::PredicateRow;
using lang::program::ProbeRow;
using lang::program::Sections;
using lang::program::SourceRow;
using lang::program::TestRow;

constexpr std::uint32_t literals_shown = 4;

std::string parts_text(const Sections& sections, const SourceRow& row) {
  std::string text = "(";
  for (std::uint32_t part : Sections::rows(sections.parts, row.parts)) {
    if (text.size() > 1) text += ", ";
    text += source_text(sections, part);
  }
  return text + ")";
}

std::string address_text(std::string_view bytes) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  int family = bytes.size() == 4 ? AF_INET : AF_INET6;
  if (bytes.size() != 4 && bytes.size() != 16) return "?";
  ::inet_ntop(family, bytes.data(), text.data(), text.size());
  return text.data();
}

std::string literal_text(const Sections& sections, const LiteralRow& literal, Compare compare) {
  std::string_view text = sections.str(literal.text);
  switch (compare) {
    case Compare::text: return lang::print_constant(text);
    case Compare::number: return std::to_string(static_cast<std::int64_t>(literal.number));
    case Compare::natural: return std::to_string(literal.number);
    case Compare::boolean: return literal.number ? "true" : "false";
    case Compare::address: return address_text(text);
    case Compare::net: return address_text(text) + "/" + std::to_string(literal.number);
  }
  return {};
}

std::string literals_text(const Sections& sections, const PredicateRow& row, bool list) {
  std::span<const LiteralRow> literals = Sections::rows(sections.literals, row.literals);
  auto compare = static_cast<Compare>(row.compare);
  if (!list && literals.size() == 1) return literal_text(sections, literals[0], compare);
  std::string text = "(";
  std::size_t shown = literals.size() > literals_shown + 1 ? literals_shown : literals.size();
  for (const LiteralRow& literal : literals.first(shown)) {
    if (text.size() > 1) text += ", ";
    text += literal_text(sections, literal, compare);
  }
  if (shown < literals.size()) text += ", ... " + std::to_string(literals.size() - shown) + " more";
  return text + ")";
}

bool takes_list(Op op) { return op == Op::in || op == Op::intersects || op == Op::pmatch; }

std::string_view probe_name(std::uint32_t kind) {
  switch (kind) {
    case ProbeRow::prefix: return "prefix trie";
    case ProbeRow::suffix: return "suffix trie";
    case ProbeRow::within: return "substring table";
    default: return "hash table";
  }
}

std::string prefixes_text(const Sections& sections, const PredicateRow& row) {
  std::uint32_t patterns = row.set == none ? 0 : sections.sets[row.set].patterns.count;
  std::uint32_t prefixes = row.literals.count - patterns;
  std::string text = "hash set of " + std::to_string(prefixes) +
                     (prefixes == 1 ? " path prefix" : " path prefixes");
  return text + (patterns ? " and " + count_text(patterns, "pattern") : "");
}

std::string plain_method(const Sections& sections, const PredicateRow& row) {
  auto compare = static_cast<Compare>(row.compare);
  std::uint32_t count = row.literals.count;
  if (row.right != none) return "compared with another field";
  switch (static_cast<Op>(row.op)) {
    case Op::regex:
      return count > 1 ? count_text(count, "regular expression") : "regular expression";
    case Op::pmatch: return prefixes_text(sections, row);
    case Op::glob:
    case Op::iglob: return count_text(count, "pattern");
    default: break;
  }
  if (compare == Compare::net)
    return (row.set != none ? "table of " : "") + count_text(count, "network");
  if (row.set != none) return "hash set of " + count_text(count, "value");
  if (count > 1) return count_text(count, "comparison");
  return compare == Compare::text ? "text comparison" : "number comparison";
}

void count_tests(const Sections& sections, std::uint32_t test,
                 std::unordered_set<std::uint32_t>& seen, std::vector<std::uint32_t>& counts) {
  if (!seen.insert(test).second) return;
  counts[test]++;
  const TestRow& row = sections.tests[test];
  if (row.kind == TestRow::predicate) return;
  for (const lang::program::StepRow& step : Sections::rows(sections.steps, row.what))
    count_tests(sections, step.test, seen, counts);
}

}  // namespace

std::string count_text(std::size_t count, std::string_view what) {
  return std::to_string(count) + " " + std::string(what) + (count == 1 ? "" : "s");
}

std::string source_text(const Sections& sections, std::uint32_t source) {
  const SourceRow& row = sections.sources[source];
  std::string name(sections.str(row.name));
  if (row.kind == SourceRow::constant) return lang::print_constant(name);
  if (row.kind == SourceRow::list) return parts_text(sections, row);
  if (row.kind == SourceRow::transform)
    name = std::string(lang::transform_name(static_cast<fields::Transform>(row.transform_kind))) +
           parts_text(sections, row);
  std::string_view arg = sections.str(row.arg);
  return arg.empty() ? name : name + "[" + std::string(arg) + "]";
}

std::string predicate_text(const Sections& sections, const PredicateRow& row) {
  Op op = static_cast<Op>(row.op);
  std::string text = source_text(sections, row.source);
  text.append(" ").append(lang::op_name(op));
  if (op == Op::exists) return text;
  std::string_view modifier = lang::modifier_name(static_cast<lang::Modifier>(row.modifier));
  if (!modifier.empty()) text.append(" ").append(modifier);
  text += " ";
  return text + (row.right != none
                     ? source_text(sections, row.right)
                     : literals_text(sections, row, takes_list(op) || !modifier.empty()));
}

std::string method_text(const Sections& sections, const PredicateRow& row) {
  if (static_cast<Op>(row.op) == Op::exists) return "tests whether there is a value";
  bool each = sections.sources[row.source].flags & SourceRow::each;
  return plain_method(sections, row) + (each ? ", each value" : "");
}

std::string probe_text(const Sections& sections, const ProbeRow& probe) {
  return std::string(probe_name(probe.kind)) + " over " + source_text(sections, probe.source);
}

bool holds_position(const Sections& sections, lang::program::Slice positions,
                    std::uint32_t position) {
  std::span<const std::uint32_t> rows = Sections::rows(sections.positions, positions);
  return std::find(rows.begin(), rows.end(), position) != rows.end();
}

bool probe_finds(const Sections& sections, const ProbeRow& probe, std::uint32_t position) {
  auto any = [&](const auto& rows) {
    return std::any_of(rows.begin(), rows.end(), [&](const auto& row) {
      return holds_position(sections, row.positions, position);
    });
  };
  switch (probe.kind) {
    case ProbeRow::equal: return any(Sections::rows(sections.keys, probe.table));
    case ProbeRow::prefix:
    case ProbeRow::suffix: return any(Sections::rows(sections.nodes, probe.table));
    default: break;
  }
  for (const lang::program::GramRow& gram : Sections::rows(sections.grams, probe.table))
    if (any(Sections::rows(sections.finds, gram.finds))) return true;
  return false;
}

std::vector<std::uint32_t> rules_asking(const Sections& sections) {
  std::vector<std::uint32_t> counts(sections.tests.size());
  std::unordered_map<std::uint32_t, std::unordered_set<std::uint32_t>> of_rule;
  for (const lang::program::EntryRow& entry : sections.entries)
    count_tests(sections, entry.test, of_rule[entry.rule], counts);
  return counts;
}

}  // namespace saker::match
