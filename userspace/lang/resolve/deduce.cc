// SPDX-License-Identifier: Apache-2.0
#include "lang/resolve/deduce.h"

#include <algorithm>

#include "lang/fields.h"
#include "lang/value.h"

namespace saker::lang {
namespace {

FieldId id_of(std::string_view name) { return find_field(name); }

bool is_event_number(const Operand& operand) {
  static const FieldId number = id_of("evt.num");
  return operand.kind == Operand::Kind::field && operand.field == number;
}

EventSet named(const Operand& right) {
  EventSet set;
  const auto add = [&set](const Operand& constant) {
    const EventNameId id = find_event_name(constant.text);
    if (id != no_event_name) set.set(id);
  };
  if (right.kind == Operand::Kind::list)
    for (const Operand& item : right.items) add(item);
  else
    add(right);
  return set;
}

// For a check of evt.type: the events for which it is true, or nothing if it does not restrict
// them.
std::optional<EventSet> by_type(const Expr& check) {
  switch (check.op) {
    case Op::exists: return all_events();
    case Op::in: return named(check.right);
    case Op::eq:
      if (check.modifier == Modifier::none || check.modifier == Modifier::anyof)
        return named(check.right);
      return std::nullopt;
    case Op::ne:
      if (check.modifier == Modifier::none) return all_events() & ~named(check.right);
      return std::nullopt;
    default: return std::nullopt;
  }
}

std::optional<EventSet> by_number(const Expr& check) {
  const std::optional<bool> known = known_number(check);
  if (!known) return std::nullopt;
  return *known ? all_events() : EventSet{};
}

EventSet of_check(const Expr& check, bool negated) {
  std::optional<EventSet> set;
  if (is_event_type(check.left))
    set = by_type(check);
  else
    set = by_number(check);
  // A condition that does not restrict the events does not do so under a `not` either.
  if (!set) return all_events();
  return negated ? all_events() & ~*set : *set;
}

EventSet deduce(const Expr& expr, bool negated) {
  switch (expr.kind) {
    case Expr::Kind::check: return of_check(expr, negated);
    case Expr::Kind::negate: return deduce(expr.children.front(), !negated);
    case Expr::Kind::ident: return all_events();
    case Expr::Kind::all:
    case Expr::Kind::any: break;
  }
  const bool intersect = (expr.kind == Expr::Kind::all) != negated;
  EventSet set = intersect ? all_events() : EventSet{};
  for (const Expr& child : expr.children) {
    if (intersect)
      set &= deduce(child, negated);
    else
      set |= deduce(child, negated);
  }
  return set;
}

}  // namespace

bool is_event_type(const Operand& operand) {
  static const FieldId type = id_of("evt.type"), syscall = id_of("syscall.type");
  return operand.kind == Operand::Kind::field &&
         (operand.field == type || operand.field == syscall);
}

std::optional<bool> known_number(const Expr& check) {
  if (!is_event_number(check.left) || check.modifier != Modifier::none) return std::nullopt;
  const auto number = [](const Operand& constant) {
    Result<std::uint64_t> n = parse_number(constant.text, FieldType::uint64, 64);
    return n ? std::optional(*n) : std::nullopt;
  };
  if (check.op == Op::in && check.right.kind == Operand::Kind::list) {
    const std::vector<Operand>& items = check.right.items;
    const auto is_zero = [&](const Operand& item) { return number(item) == 0u; };
    return std::all_of(items.begin(), items.end(), is_zero) ? std::optional(false) : std::nullopt;
  }
  if (check.right.kind != Operand::Kind::constant) return std::nullopt;
  const std::optional<std::uint64_t> n = number(check.right);
  if (!n || *n > 1) return std::nullopt;
  switch (check.op) {
    case Op::eq:
    case Op::le: return *n == 0 ? std::optional(false) : std::nullopt;
    case Op::lt: return false;
    case Op::ne:
    case Op::gt: return *n == 0 ? std::optional(true) : std::nullopt;
    case Op::ge: return true;
    default: return std::nullopt;
  }
}

EventSet deduce_events(const Expr& expr) { return deduce(expr, false); }

}  // namespace saker::lang
