// SPDX-License-Identifier: Apache-2.0
#include "lang/operators.h"

#include "lang/program.h"

namespace saker::lang {

std::optional<Op> find_op(std::string_view word) {
  if (word == "exists") return Op::exists;
  const auto look = [word](const auto& words) -> std::optional<Op> {
    for (const OpWord& candidate : words)
      if (candidate.word == word) return candidate.op;
    return std::nullopt;
  };
  if (const std::optional<Op> op = look(number_ops)) return op;
  if (const std::optional<Op> op = look(equal_ops)) return op;
  if (const std::optional<Op> op = look(word_ops)) return op;
  return look(list_ops);
}

std::optional<Modifier> find_modifier(std::string_view word) {
  if (word == "oneof") return Modifier::oneof;
  if (word == "anyof") return Modifier::anyof;
  if (word == "allof") return Modifier::allof;
  return std::nullopt;
}

bool is_text_op(Op op) {
  switch (op) {
    case Op::eq:
    case Op::ne:
    case Op::contains:
    case Op::icontains:
    case Op::bcontains:
    case Op::startswith:
    case Op::bstartswith:
    case Op::endswith:
    case Op::glob:
    case Op::iglob:
    case Op::regex: return true;
    default: return false;
  }
}

bool is_list_op(Op op) { return op == Op::in || op == Op::intersects || op == Op::pmatch; }

std::uint32_t probe_kind(Op op) {
  using program::ProbeRow;
  switch (op) {
    case Op::startswith:
    case Op::bstartswith:
    case Op::pmatch: return ProbeRow::prefix;
    case Op::endswith: return ProbeRow::suffix;
    case Op::contains:
    case Op::bcontains: return ProbeRow::within;
    default: return ProbeRow::equal;
  }
}

}  // namespace saker::lang
