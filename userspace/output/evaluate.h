// SPDX-License-Identifier: Apache-2.0
// The value of an output's token: a field, or a transformer over fields. The value is stored where
// extract() stores values.
#pragma once

#include <optional>
#include <string_view>

#include "fields/extract.h"
#include "lang/ast.h"

namespace saker::output {

struct EvaluationContext {
  const fields::Event& event;
  fields::View view;
  fields::Scratch& scratch;
  bool base64 = false;  // print bytes as base64
};

// Unset if the event has no such value; a transformer over an unset value is unset.
fields::Value evaluate(const lang::Operand& operand, const EvaluationContext& context);

// The bytes to print as base64: evt.buffer, evt.arg.data, bytes of evt.rawarg. Nothing: the operand
// is none of them, has no value, or is printed differently.
std::optional<std::string_view> bytes_to_encode(const lang::Operand& operand,
                                                const EvaluationContext& context);

// The reference for extract() and append_text(); for a transformer, one without a field.
fields::FieldRef reference_of(const lang::Operand& operand);

}  // namespace saker::output
