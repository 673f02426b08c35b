// SPDX-License-Identifier: Apache-2.0
#include "output/evaluate.h"

#include <cctype>
#include <span>

namespace saker::output {
namespace {

using match::Value;

// static.NAME is a row of the table of fields with NAME as its argument; its value is the
// configuration's.
constexpr std::string_view static_row = "static";

// Whether transformed text may be compared with: only text can be changed as text.
template <typename Change>
Value change_text(const Value& value, match::Scratch& scratch, Change change) {
  if (value.kind == Value::Kind::text) return change(value.text);
  if (value.kind != Value::Kind::list) return {};
  char* bytes = scratch.take(value.count * sizeof(Value));
  Value* items = reinterpret_cast<Value*>(bytes);
  for (std::uint32_t i = 0; i < value.count; i++)
    ::new (items + i) Value(change_text(value.items[i], scratch, change));
  return Value::of_list(items, value.count);
}

Value change_case(const Value& value, match::Scratch& scratch, int (*change)(int)) {
  return change_text(value, scratch, [&](std::string_view text) {
    char* bytes = scratch.take(text.size());
    for (std::size_t i = 0; i < text.size(); i++)
      bytes[i] = static_cast<char>(change(static_cast<unsigned char>(text[i])));
    return Value::of_text({bytes, text.size()});
  });
}

Value base_name(const Value& value, match::Scratch& scratch) {
  return change_text(value, scratch, [](std::string_view text) {
    std::size_t slash = text.rfind('/');
    return Value::of_text(slash == std::string_view::npos ? text : text.substr(slash + 1));
  });
}

Value length(const Value& value) {
  if (value.kind == Value::Kind::list) return Value::of_natural(value.count);
  if (value.kind == Value::Kind::text) return Value::of_natural(value.text.size());
  return {};
}

// What join and concat take: text as it is, anything else as it would be printed.
void append_plain(std::string& out, const Value& value) {
  if (value.kind == Value::Kind::text)
    out += value.text;
  else
    match::append_text(out, {}, value);
}

// One value for each argument; a list argument, (a, b) or a list field, is one list.
std::vector<Value> values_of(std::span<const lang::Operand> operands,
                             const EvaluationContext& context) {
  std::vector<Value> values;
  for (const lang::Operand& operand : operands) values.push_back(evaluate(operand, context));
  return values;
}

Value list_of(const lang::Operand& operand, const EvaluationContext& context) {
  std::vector<Value> values = values_of(operand.items, context);
  Value* items = reinterpret_cast<Value*>(context.scratch.take(values.size() * sizeof(Value)));
  for (std::size_t i = 0; i < values.size(); i++) {
    if (!values[i].set()) return {};
    ::new (items + i) Value(values[i]);
  }
  return Value::of_list(items, static_cast<std::uint32_t>(values.size()));
}

Value join(const std::vector<Value>& arguments, match::Scratch& scratch) {
  if (arguments.size() != 2 || arguments[1].kind != Value::Kind::list) return {};
  std::string text;
  for (std::uint32_t i = 0; i < arguments[1].count; i++) {
    if (i) append_plain(text, arguments[0]);
    append_plain(text, arguments[1].items[i]);
  }
  return Value::of_text(scratch.keep(text));
}

Value concat(const std::vector<Value>& arguments, match::Scratch& scratch) {
  std::string text;
  for (const Value& argument : arguments) append_plain(text, argument);
  return Value::of_text(scratch.keep(text));
}

int digit_of_base64(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

Value decode_base64(const Value& value, match::Scratch& scratch) {
  return change_text(value, scratch, [&](std::string_view text) -> Value {
    std::string plain;
    unsigned held = 0, bits = 0;
    while (!text.empty() && text.back() == '=') text.remove_suffix(1);
    for (char c : text) {
      int digit = digit_of_base64(c);
      if (digit < 0) return {};
      held = (held << 6 | static_cast<unsigned>(digit)) & 0xffff;
      bits += 6;
      if (bits < 8) continue;
      bits -= 8;
      plain += static_cast<char>(held >> bits & 0xff);
    }
    return Value::of_text(scratch.keep(plain));
  });
}

Value transformed(const lang::Operand& operand, const EvaluationContext& context) {
  std::vector<Value> arguments = values_of(operand.items, context);
  if (arguments.empty()) return {};
  for (const Value& argument : arguments)
    if (!argument.set()) return {};
  switch (operand.transform) {
    case lang::Transform::tolower:
      return change_case(arguments[0], context.scratch, std::tolower);
    case lang::Transform::toupper:
      return change_case(arguments[0], context.scratch, std::toupper);
    case lang::Transform::basename:
      return base_name(arguments[0], context.scratch);
    case lang::Transform::b64:
      return decode_base64(arguments[0], context.scratch);
    case lang::Transform::len:
      return length(arguments[0]);
    case lang::Transform::join:
      return join(arguments, context.scratch);
    case lang::Transform::concat:
      return concat(arguments, context.scratch);
    case lang::Transform::val:
    case lang::Transform::none:
      return arguments[0];
    case lang::Transform::getopt:
      return {};
  }
  return {};
}

}  // namespace

match::Value evaluate(const lang::Operand& operand, const EvaluationContext& context) {
  switch (operand.kind) {
    case lang::Operand::Kind::constant:
      return Value::of_text(operand.text);
    case lang::Operand::Kind::list:
      return list_of(operand, context);
    case lang::Operand::Kind::transform:
      return transformed(operand, context);
    case lang::Operand::Kind::field:
      break;
  }
  if (operand.field != lang::no_field && lang::fields()[operand.field].name == static_row) {
    auto found = context.static_fields.find(operand.arg);
    return found == context.static_fields.end() ? Value() : Value::of_text(found->second);
  }
  // fd.ip and its like stand for several values at once: a condition asks them, an output cannot print them.
  if (operand.field != lang::no_field && lang::fields()[operand.field].filter_only) return {};
  return match::extract(reference_of(operand), context.event, context.view, context.scratch);
}

match::FieldRef reference_of(const lang::Operand& operand) {
  if (operand.kind != lang::Operand::Kind::field || operand.field == lang::no_field) return {};
  return match::field_ref(lang::fields()[operand.field].name, operand.has_arg, operand.arg);
}

}  // namespace saker::output
