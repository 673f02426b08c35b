// SPDX-License-Identifier: Apache-2.0
// The cost of evaluating rules, by rule, from a sample of the events. Rules share tests: the rule
// that evaluates a test first pays for it, and finding the rules that can match is not charged to
// any rule. Any number of threads add; any thread reads. Each number is exact, but several are not
// read at one moment.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace saker::match {

struct RuleCost {
  std::atomic<std::uint64_t> cycles{0};
  std::atomic<std::uint64_t> looks{0};  // events at which the rule was evaluated
};

class RuleCosts {
 public:
  explicit RuleCosts(std::size_t rules) : rules_(rules) {}

  // An event in the sample counts `weight` times.
  void add(std::uint32_t rule, std::uint64_t cycles, std::uint32_t weight) {
    add(rules_[rule], cycles, weight);
  }
  void add_shared(std::uint64_t cycles, std::uint32_t weight) { add(shared_, cycles, weight); }

  const std::vector<RuleCost>& rules() const { return rules_; }
  const RuleCost& shared() const { return shared_; }

 private:
  static void add(RuleCost& to, std::uint64_t cycles, std::uint32_t weight) {
    to.cycles.fetch_add(cycles * weight, std::memory_order_relaxed);
    to.looks.fetch_add(weight, std::memory_order_relaxed);
  }
  std::vector<RuleCost> rules_;
  RuleCost shared_;
};

}  // namespace saker::match
