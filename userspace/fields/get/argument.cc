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

struct TextFlag {
  unsigned bit;
  std::string_view name;
};
constexpr TextFlag text_flag_names[] = {{SAKER_BLOB_TRUNCATED, "truncated"},
                                        {SAKER_BLOB_UNREADABLE, "unreadable"},
                                        {SAKER_BLOB_UNREACHABLE, "unreachable"},
                                        {SAKER_BLOB_DELETED, "deleted"}};

bool is_text(decode::ParamType type) {
  return type == decode::ParamType::STR || type == decode::ParamType::PATH ||
         type == decode::ParamType::ARGV;
}

// Of all texts of the record.
Value text_flags(const FieldRef&, const Event& event, View, Scratch& scratch) {
  const std::span<const decode::ParamInfo> params = event.record.info().params;
  unsigned bits = 0;
  for (unsigned slot = 0; slot < params.size(); slot++)
    if (is_text(params[slot].type)) bits |= event.record.blob_flags(slot);
  auto* items = reinterpret_cast<Value*>(scratch.take(sizeof(Value) * std::size(text_flag_names)));
  std::uint32_t count = 0;
  for (const TextFlag& flag : text_flag_names)
    if (bits & flag.bit) new (items + count++) Value(Value::of_text(flag.name));
  return count ? Value::of_list(items, count) : Value{};
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
const Getter get::evt_argflags = text_flags;
const Getter get::evt_rawarg = raw_arg;
const Getter get::evt_args = all_args;

}  // namespace saker::fields
