// SPDX-License-Identifier: Apache-2.0
// The output of saker backtest. Pure functions.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "proposal.h"
#include "tally.h"

namespace saker::cli {

struct BacktestReport {
  Backtest result;
  bool baseline = false;
  std::map<std::string, Proposal> proposals;  // by rule
  std::string trial_failure;                  // why proposals could not be tested; "": they were
};

// The values of a field that most of the alerts have, most frequent first.
struct NoiseSource {
  std::string value;
  std::uint64_t alerts = 0;
};
std::vector<NoiseSource> noise_sources(const RuleTally& tally, const NoiseTexts& texts,
                                       NoiseField field);

std::uint64_t fresh_alerts(const BacktestReport& report);  // without a baseline: all
std::string backtest_text(const BacktestReport& report);
std::string backtest_json(const BacktestReport& report);

}  // namespace saker::cli
