// SPDX-License-Identifier: Apache-2.0
// What the compiler made of a rule, for `saker rules show`.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "match/explain/compiled_rule.h"

namespace saker::cli {

std::string compiled_text(const match::CompiledRule& rule);
nlohmann::json compiled_json(const match::CompiledRule& rule);

}  // namespace saker::cli
