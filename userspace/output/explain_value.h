// SPDX-License-Identifier: Apache-2.0
// The values that a test compared, as text. Use it while the event's record and process are valid.
#pragma once

#include <optional>
#include <string>

#include "fields/event.h"
#include "fields/extract.h"
#include "lang/ast.h"

namespace saker::output {

// The value of a field or a transformer at the event in this view, also for fields that no output
// can print; nothing if it has none.
std::optional<std::string> value_text(const lang::Operand& operand, const fields::Event& event,
                                      fields::View view);

}  // namespace saker::output
