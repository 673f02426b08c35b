// SPDX-License-Identifier: Apache-2.0
#include "lang/resolve/warn_arguments.h"

#include "fields/field_id.h"

namespace saker::lang {
namespace {

const EventSet& recorded() {
  static const EventSet made = [] {
    EventSet set;
    for (EventNameId id = 0; id < event_names().size(); id++)
      set.set(id, event_names()[id].record != 0);
    return set;
  }();
  return made;
}

// A macro is shared with rules for other events, so an argument that some event of ours has does
// not cause a warning for this rule.
bool may_have(const EventSet& events, bool in_macro, const EventSet& having) {
  return (events & having).any() || (in_macro && (recorded() & having).any());
}

void collect_unfilled(const Operand& operand, const EventSet& events, bool in_macro,
                      std::vector<UnfilledArgument>& found) {
  for (const Operand& item : operand.items) collect_unfilled(item, events, in_macro, found);
  const bool is_argument =
      operand.kind == Operand::Kind::field && (operand.field == fields::field_id("evt.arg") ||
                                               operand.field == fields::field_id("evt.rawarg"));
  // An argument given by number is a different one for each event.
  if (is_argument && find_event_param(operand.arg) &&
      !may_have(events, in_macro, fields::events_with_argument(operand.arg)))
    found.push_back({&operand, in_macro});
}

void collect_unfilled(const Expr& expr, const EventSet& events, bool in_macro,
                      std::vector<UnfilledArgument>& found) {
  in_macro = in_macro || !expr.macros.empty();
  for (const Expr& child : expr.children) collect_unfilled(child, events, in_macro, found);
  if (expr.kind != Expr::Kind::check) return;
  collect_unfilled(expr.left, events, in_macro, found);
  if (expr.op != Op::exists) collect_unfilled(expr.right, events, in_macro, found);
}

}  // namespace

std::vector<UnfilledArgument> unfilled_arguments(const Expr& condition, const EventSet& events) {
  std::vector<UnfilledArgument> found;
  if (events.any()) collect_unfilled(condition, events, false, found);
  return found;
}

std::string describe_arguments(const EventSet& events) {
  for (EventNameId id = 0; id < event_names().size(); id++) {
    if (!events.test(id) || event_names()[id].record == 0) continue;
    std::string text = "arguments of " + std::string(event_names()[id].name) + ":";
    for (std::string_view name : fields::arguments_of_event(id)) {
      text += text.back() == ':' ? " " : ", ";
      text += name;
    }
    return text;
  }
  return {};
}

}  // namespace saker::lang
