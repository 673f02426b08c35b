// SPDX-License-Identifier: Apache-2.0
// Rates from two answers to "top". Pure functions.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace saker::cli {

// Rates as JSON: `processes`, `rules` and `outputs`, the busiest first, each with `..._per_second`
// and, for times, `cost_percent` of one CPU. For rows that were not in the first answer, or whose
// counters restarted, the counters began at 0.
nlohmann::ordered_json top_rates(const nlohmann::json& before, const nlohmann::json& now);

// Lines for people, each at most `width` wide; `rows` of each table. Names are made safe for a
// terminal.
std::string top_text(const nlohmann::ordered_json& rates, std::size_t rows, std::size_t width);

}  // namespace saker::cli
