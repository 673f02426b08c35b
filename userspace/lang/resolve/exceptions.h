// SPDX-License-Identifier: Apache-2.0
// Appends a rule's exceptions to its condition as text: (CONDITION) and not EXCEPTION and not ...
// Pure except for the report.
#pragma once

#include "lang/read/collector.h"
#include "lang/read/sources.h"
#include "lang/report.h"

namespace saker::lang {

// Tuples of a wrong shape are reported and skipped.
MappedText condition_with_exceptions(const CollectedRule& rule, Report& report);

}  // namespace saker::lang
