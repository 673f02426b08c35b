// SPDX-License-Identifier: Apache-2.0
#include "output/explain_value.h"

#include "fields/scratch.h"
#include "output/evaluate.h"

namespace saker::output {

std::optional<std::string> value_text(const lang::Operand& operand, const fields::Event& event,
                                      fields::View view) {
  fields::Scratch scratch(event.users);
  // Fields that only conditions can use have values too.
  bool filter_only = operand.kind == lang::Operand::Kind::field &&
                     operand.field != fields::no_field &&
                     fields::all_fields()[operand.field].filter_only;
  fields::Value value = filter_only ? fields::extract(reference_of(operand), event, view, scratch)
                                    : evaluate(operand, {event, view, scratch});
  if (!value.set()) return std::nullopt;
  std::string text;
  fields::append_text(text, reference_of(operand), value);
  return text;
}

}  // namespace saker::output
