// SPDX-License-Identifier: Apache-2.0
#include "output/explain_value.h"

#include "match/scratch.h"
#include "output/evaluate.h"

namespace saker::output {

std::optional<std::string> value_text(const lang::Operand& operand, const match::Event& event,
                                      match::View view) {
  match::Scratch scratch(event.users);
  // Fields for conditions alone have values too.
  bool filter_only = operand.kind == lang::Operand::Kind::field &&
                     operand.field != lang::no_field && lang::fields()[operand.field].filter_only;
  match::Value value = filter_only ? match::extract(reference_of(operand), event, view, scratch)
                                   : evaluate(operand, {event, view, scratch});
  if (!value.set()) return std::nullopt;
  std::string text;
  match::append_text(text, reference_of(operand), value);
  return text;
}

}  // namespace saker::output
