// SPDX-License-Identifier: Apache-2.0
// How many alerts each rule made. note() is the output thread's, where alerts pass one by one, so
// matching pays nothing; rows() is the main thread's.
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

  // Reloads bring other names; what is beyond is counted in the total alone.
  static constexpr std::size_t max_rules = 20'000;

 private:
  struct Count {
    lang::Priority priority;
    std::uint64_t alerts = 0;
  };
  mutable std::mutex lock_;  // guards the rest; held for moments
  std::map<std::string, Count> counts_;
  std::uint64_t total_ = 0;
};

}  // namespace saker::service
