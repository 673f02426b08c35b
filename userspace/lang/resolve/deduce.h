// SPDX-License-Identifier: Apache-2.0
// Which events a condition can be true for, from its checks of evt.type, syscall.type and evt.num.
// Pure functions.
#pragma once

#include <optional>

#include "lang/ast.h"
#include "lang/fields.h"

namespace saker::lang {

// A superset of the events for which `expr` (resolved, no ident left) is true; empty: it can never
// be.
EventSet deduce_events(const Expr& expr);

// Of a check of evt.num against 0 or 1: whether it holds. Events are numbered from 1, so this is
// the language's way to write "never" and "always".
std::optional<bool> known_number(const Expr& check);

// The field is evt.type or syscall.type.
bool is_event_type(const Operand& operand);

}  // namespace saker::lang
