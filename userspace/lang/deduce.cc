// SPDX-License-Identifier: Apache-2.0
#include "lang/deduce.h"

#include <optional>

#include "lang/field.h"
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

// Of a check of evt.type: the events for which it is true, or nothing if it does not restrict them.
std::optional<EventSet> by_type(const Expr& check) {
  switch (check.op) {
    case Op::exists:
      return all_events();
    case Op::in:
    case Op::intersects:
      return named(check.right);
    case Op::eq:
      if (check.modifier == Modifier::none || check.modifier == Modifier::anyof)
        return named(check.right);
      return std::nullopt;
    case Op::ne:
      if (check.modifier == Modifier::none) return all_events() & ~named(check.right);
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

// Falco's way to write "never" and "always": evt.num against zero, the first event being number 1.
std::optional<EventSet> by_number(const Expr& check) {
  const EventSet none;
  if (check.op == Op::in) {
    const std::vector<Operand>& items = check.right.items;
    const bool zero = items.empty() || (items.size() == 1 && items[0].text == "0");
    return zero && check.right.kind == Operand::Kind::list ? std::optional(none) : std::nullopt;
  }
  if (check.right.kind != Operand::Kind::constant || check.modifier != Modifier::none)
    return std::nullopt;
  const bool zero = check.right.text == "0", one = check.right.text == "1";
  switch (check.op) {
    case Op::eq:
    case Op::le:
      return zero ? std::optional(none) : std::nullopt;
    case Op::lt:
      return one ? std::optional(none) : std::nullopt;
    case Op::ne:
    case Op::gt:
      return zero ? std::optional(all_events()) : std::nullopt;
    case Op::ge:
      return zero || one ? std::optional(all_events()) : std::nullopt;
    default:
      return std::nullopt;
  }
}

EventSet of_check(const Expr& check, bool negated) {
  std::optional<EventSet> set;
  if (is_event_type(check.left))
    set = by_type(check);
  else if (is_event_number(check.left))
    set = by_number(check);
  // What does not restrict the events does not do so under a `not` either.
  if (!set) return all_events();
  return negated ? all_events() & ~*set : *set;
}

EventSet deduce(const Expr& expr, bool negated) {
  switch (expr.kind) {
    case Expr::Kind::check:
      return of_check(expr, negated);
    case Expr::Kind::negate:
      return deduce(expr.children.front(), !negated);
    case Expr::Kind::ident:
      return all_events();
    case Expr::Kind::all:
    case Expr::Kind::any:
      break;
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

EventSet deduce_events(const Expr& expr) { return deduce(expr, false); }

}  // namespace saker::lang
