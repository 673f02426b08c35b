// SPDX-License-Identifier: Apache-2.0
// A slow reference implementation of the language: walks the tree of a condition for every event.
// The compiled program is compared with it. Only for tests.
#pragma once

#include "fields/extract.h"
#include "lang/rules.h"

namespace saker::testing {

// Whether the rule matches the event in this view, including its set of event types.
bool plain_holds(const lang::Rule& rule, const fields::Event& event, fields::View view,
                 fields::Scratch& scratch);

}  // namespace saker::testing
