// SPDX-License-Identifier: Apache-2.0
#include "output/explain_value.h"

#include "match/scratch.h"
#include "output/evaluate.h"

namespace saker::output {

std::optional<std::string> value_text(const lang::Operand& operand, const match::Event& event,
                                      match::View view) {
  match::Scratch scratch(event.users);
  const std::map<std::string, std::string> no_static_fields;
  bool field = operand.kind == lang::Operand::Kind::field;
  match::Value value = field ? match::extract(reference_of(operand), event, view, scratch)
                             : evaluate(operand, {event, view, scratch, no_static_fields});
  if (!value.set()) return std::nullopt;
  std::string text;
  match::append_text(text, reference_of(operand), value);
  return text;
}

}  // namespace saker::output
