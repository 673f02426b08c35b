// SPDX-License-Identifier: Apache-2.0
#include "service/report/rule_counts.h"

namespace saker::service {

void RuleCounts::note(const output::Alert& alert) {
  std::lock_guard guard(lock_);
  total_++;
  auto count = counts_.find(alert.rule_name);
  if (count == counts_.end()) {
    if (counts_.size() >= max_rules) return;
    count = counts_.emplace(alert.rule_name, Count{alert.priority}).first;
  }
  count->second.priority = alert.priority;
  count->second.alerts++;
}

std::vector<RuleCounts::Row> RuleCounts::rows() const {
  std::lock_guard guard(lock_);
  std::vector<Row> out;
  out.reserve(counts_.size());
  for (const auto& [rule, count] : counts_) out.push_back({rule, count.priority, count.alerts});
  return out;
}

std::uint64_t RuleCounts::total() const {
  std::lock_guard guard(lock_);
  return total_;
}

}  // namespace saker::service
