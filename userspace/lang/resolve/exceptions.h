// SPDX-License-Identifier: Apache-2.0
// A rule's exceptions as text behind its condition: (CONDITION) and not EXCEPTION and not ... Pure
// but for the report.
#pragma once

#include "lang/read/collector.h"
#include "lang/read/sources.h"
#include "lang/report.h"

namespace saker::lang {

// Tuples of a wrong shape are reported and left out.
MappedText condition_with_exceptions(const CollectedRule& rule, Report& report);

}  // namespace saker::lang
