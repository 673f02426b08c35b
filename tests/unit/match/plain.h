// SPDX-License-Identifier: Apache-2.0
// The language as it is defined, slowly: walks the tree of a condition for every event. What the
// compiled program is held against. For tests alone.
#pragma once

#include "fields/extract.h"
#include "lang/rules.h"

namespace saker::testing {

// Whether the rule holds for the event in this view; its set of event types included.
bool plain_holds(const lang::Rule& rule, const fields::Event& event, fields::View view,
                 fields::Scratch& scratch);

}  // namespace saker::testing
