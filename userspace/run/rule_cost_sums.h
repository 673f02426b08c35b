// SPDX-License-Identifier: Apache-2.0
// What rules cost since the start, by name: those of the rules in force, and of all that a reload
// replaced. The main thread's.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "run/generation.h"

namespace saker::run {

struct RuleCostSum {
  std::uint64_t cycles = 0, looks = 0;
};

class RuleCostSums {
 public:
  using Rules = std::map<std::string, RuleCostSum, std::less<>>;

  // No thread counts in it any more, or this is a copy that is thrown away.
  void add(const Generation& generation);

  const Rules& rules() const { return rules_; }
  const RuleCostSum& shared() const { return shared_; }

  // Reloads bring other names; what is beyond is not kept.
  static constexpr std::size_t max_rules = 20'000;

 private:
  Rules rules_;
  RuleCostSum shared_;  // finding the rules that could hold
};

}  // namespace saker::run
