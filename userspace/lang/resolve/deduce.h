// SPDX-License-Identifier: Apache-2.0
// Deduces the events for which a condition can be true, from its checks of evt.type, syscall.type
// and evt.num. Pure functions.
#pragma once

#include <optional>

#include "lang/ast.h"
#include "lang/fields.h"

namespace saker::lang {

// A superset of the events for which `expr` (resolved, no ident left) is true; empty: it is never
// true.
EventSet deduce_events(const Expr& expr);

// For a check of evt.num against 0 or 1: its result. Events are numbered from 1, so such a check is
// the language's way to write "never" and "always".
std::optional<bool> known_number(const Expr& check);

// The field is evt.type or syscall.type.
bool is_event_type(const Operand& operand);

}  // namespace saker::lang
