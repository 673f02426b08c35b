// SPDX-License-Identifier: Apache-2.0
// Which events a condition can be true for, from its checks of evt.type, syscall.type and evt.num.
// Pure functions.
#pragma once

#include "lang/ast.h"
#include "lang/event_names.h"

namespace saker::lang {

// A superset of the events for which `expr` (resolved, no ident left) is true; empty: it can never
// be.
EventSet deduce_events(const Expr& expr);

// The field is evt.type or syscall.type.
bool is_event_type(const Operand& operand);

}  // namespace saker::lang
