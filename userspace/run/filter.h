// SPDX-License-Identifier: Apache-2.0
// Compiles a single condition in the language of rules into a program: a filter given by an
// operator. At load; any thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "lang/rules.h"
#include "match/matcher.h"

namespace saker::run {

// Macros and lists come from `rules_files`, loaded with `options`; they are read only if the
// condition uses any. Errors in them are ignored. The result's error lists every error in the
// condition, rendered and ready to be printed; its code is EINVAL.
Result<std::unique_ptr<match::Program>> compile_filter(std::string_view condition,
                                                       const std::vector<std::string>& rules_files,
                                                       const lang::LoadOptions& options = {});

}  // namespace saker::run
