// SPDX-License-Identifier: Apache-2.0
// Two answers to "top", and what happened a second between them. Pure functions.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace saker::cli {

// Rates as JSON: `processes`, `rules` and `outputs`, the busiest first, each with `..._per_second`
// and, for what takes time, `cost_percent` of one CPU. Of what was not in the answer before, the
// counters began at 0; of what began anew, likewise.
nlohmann::ordered_json top_rates(const nlohmann::json& before, const nlohmann::json& now);

// As lines for people, each at most `width` wide; `rows` of each table. Names are made safe for a
// terminal.
std::string top_text(const nlohmann::ordered_json& rates, std::size_t rows, std::size_t width);

}  // namespace saker::cli
