// SPDX-License-Identifier: Apache-2.0
// The number of alerts of each rule. The output thread calls note() for each alert, so matching
// pays nothing for it; the main thread calls rows().
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "output/alert.h"

namespace saker::service {

class RuleCounts {
 public:
  struct Row {
    std::string rule;
    lang::Priority priority;
    std::uint64_t alerts;
  };

  void note(const output::Alert& alert);
  // By name.
  std::vector<Row> rows() const;
  // Of all alerts.
  std::uint64_t total() const;

  // Reloads bring new names; beyond this number, alerts are counted only in the total.
  static constexpr std::size_t max_rules = 20'000;

 private:
  struct Count {
    lang::Priority priority;
    std::uint64_t alerts = 0;
  };
  mutable std::mutex lock_;  // guards the members below; held only briefly
  std::map<std::string, Count> counts_;
  std::uint64_t total_ = 0;
};

}  // namespace saker::service
