// SPDX-License-Identifier: Apache-2.0
// The language as it is defined, slowly: walks the tree of a condition for every event. What the
// compiled program is held against. For tests alone.
#pragma once

#include "lang/rules.h"
#include "match/extract.h"

namespace saker::testing {

// Whether the rule holds for the event in this view; its set of event types included.
bool plain_holds(const lang::Rule& rule, const match::Event& event, match::View view,
                 match::Scratch& scratch);

}  // namespace saker::testing
