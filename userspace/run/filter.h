// SPDX-License-Identifier: Apache-2.0
// A condition in the language of rules, alone, as a program: what an operator asks of events. At
// load; any thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "lang/rules.h"
#include "match/matcher.h"

namespace saker::run {

// Macros and lists are those of `rules_files`, loaded with `options`, which are read only if the
// condition does not stand alone; mistakes in them do not matter. The error: every mistake in the
// condition, rendered and ready to be printed; its code is EINVAL.
Result<std::unique_ptr<match::Program>> compile_filter(std::string_view condition,
                                                       const std::vector<std::string>& rules_files,
                                                       const lang::LoadOptions& options = {});

}  // namespace saker::run
