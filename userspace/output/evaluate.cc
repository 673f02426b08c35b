// SPDX-License-Identifier: Apache-2.0
#include "output/evaluate.h"

#include <algorithm>
#include <new>

#include "fields/text/transform.h"

namespace saker::output {
namespace {

using fields::Value;

// The values of operands, adjacent in the scratch.
std::span<const Value> values_of(const std::vector<lang::Operand>& operands,
                                 const EvaluationContext& context) {
  Value* values = reinterpret_cast<Value*>(context.scratch.take(operands.size() * sizeof(Value)));
  for (std::size_t i = 0; i < operands.size(); i++)
    ::new (values + i) Value(evaluate(operands[i], context));
  return {values, operands.size()};
}

Value field_value(const lang::Operand& operand, const EvaluationContext& context) {
  if (operand.field == fields::no_field) return {};
  const fields::FieldDef& row = fields::all_fields()[operand.field];
  if (row.name == "static") return Value::of_text(operand.fixed);
  // fd.ip and similar fields have several values at once: a condition can test them, an output
  // cannot print them.
  const bool one_net = row.type == fields::FieldType::ipnet && row.name != "fd.net";
  if (row.filter_only && !one_net) return {};
  return fields::extract(reference_of(operand), context.event, context.view, context.scratch);
}

}  // namespace

fields::Value evaluate(const lang::Operand& operand, const EvaluationContext& context) {
  switch (operand.kind) {
    case lang::Operand::Kind::constant: return Value::of_text(operand.text);
    case lang::Operand::Kind::field: return field_value(operand, context);
    case lang::Operand::Kind::transform:
      return fields::transform(operand.transform, values_of(operand.items, context), operand.arg,
                               context.scratch);
    case lang::Operand::Kind::list: {
      std::span<const Value> values = values_of(operand.items, context);
      // As in a condition: a list with an unset element is unset.
      if (!std::all_of(values.begin(), values.end(), [](const Value& v) { return v.set(); }))
        return {};
      return Value::of_list(values.data(), static_cast<std::uint32_t>(values.size()));
    }
  }
  return {};
}

std::optional<std::string_view> bytes_to_encode(const lang::Operand& operand,
                                                const EvaluationContext& context) {
  if (!context.base64 || operand.kind != lang::Operand::Kind::field ||
      operand.field == fields::no_field)
    return {};
  static const fields::FieldId argument = fields::find_field("evt.arg"),
                               raw = fields::find_field("evt.rawarg");
  const bool data = operand.field == argument && operand.arg == "data";
  if (operand.type != fields::FieldType::bytes && !data) return {};
  const fields::FieldRef field =
      data ? fields::field_ref(raw, true, operand.arg) : reference_of(operand);
  const Value value = fields::extract(field, context.event, context.view, context.scratch);
  return value.kind == Value::Kind::text ? std::optional(value.text) : std::nullopt;
}

fields::FieldRef reference_of(const lang::Operand& operand) {
  if (operand.kind != lang::Operand::Kind::field || operand.field == fields::no_field) return {};
  return fields::field_ref(operand.field, operand.has_arg, operand.arg);
}

}  // namespace saker::output
