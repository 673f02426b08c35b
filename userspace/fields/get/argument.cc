// SPDX-License-Identifier: Apache-2.0
// evt.arg, evt.rawarg, evt.args: the arguments of an event.
#include "fields/argument.h"

#include <cstring>
#include <new>

#include "fields/getters.h"
#include "fields/text/transform.h"

namespace saker::fields {
namespace {

const Argument* find_argument(const FieldRef& field, const Event& event) {
  std::span<const Argument> all = arguments_of(event.record.type());
  if (field.has_index) return field.index < all.size() ? &all[field.index] : nullptr;
  for (const Argument& argument : all) {
    if (argument.name == field.arg) return &argument;
  }
  return nullptr;
}

// The best text available. An argument without a value is the text `<NA>`, not unset: rules compare
// with it.
std::string_view shown(const Argument& argument, const Event& event, View view, Scratch& scratch) {
  std::string_view text = nice_argument(argument, event, view, scratch);
  if (text.empty()) text = plain_argument(argument, event, scratch);
  if (text.empty() && !raw_argument(argument, event).set()) return "<NA>";
  return text;
}

Value arg(const FieldRef& field, const Event& event, View view, Scratch& scratch) {
  const Argument* argument = find_argument(field, event);
  return argument ? Value::of_text(shown(*argument, event, view, scratch)) : Value{};
}

Value raw_arg(const FieldRef& field, const Event& event, View, Scratch&) {
  const Argument* argument = find_argument(field, event);
  return argument ? raw_argument(*argument, event) : Value{};
}

// name=plain(nice) for each argument, the nice text only if it differs.
Value all_args(const FieldRef&, const Event& event, View view, Scratch& scratch) {
  std::span<const Argument> all = arguments_of(event.record.type());
  if (all.empty()) return {};
  constexpr std::size_t pieces = 7;
  auto* parts = new (scratch.take(all.size() * pieces * sizeof(Value))) Value[all.size() * pieces];
  std::size_t count = 0;
  auto add = [&](std::string_view text) { parts[count++] = Value::of_text(text); };
  for (const Argument& argument : all) {
    if (count > 0) add(" ");
    add(argument.name);
    add("=");
    std::string_view plain = plain_argument(argument, event, scratch);
    if (plain.empty() && !raw_argument(argument, event).set()) plain = "<NA>";
    add(plain);
    std::string_view nice = nice_argument(argument, event, view, scratch);
    if (nice.empty() || nice == plain) continue;
    add("(");
    add(nice);
    add(")");
  }
  return transform(Transform::concat, {parts, count}, {}, scratch);
}

}  // namespace

const Getter get::evt_arg = arg;
const Getter get::evt_rawarg = raw_arg;
const Getter get::evt_args = all_args;

}  // namespace saker::fields
