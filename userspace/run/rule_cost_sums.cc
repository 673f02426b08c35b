// SPDX-License-Identifier: Apache-2.0
#include "run/rule_cost_sums.h"

namespace saker::run {
namespace {

void add_to(RuleCostSum& to, const match::RuleCost& cost) {
  to.cycles += cost.cycles.load(std::memory_order_relaxed);
  to.looks += cost.looks.load(std::memory_order_relaxed);
}

}  // namespace

void RuleCostSums::add(const Generation& generation) {
  if (!generation.costs) return;
  add_to(shared_, generation.costs->shared());
  const std::vector<match::RuleCost>& costs = generation.costs->rules();
  for (std::uint32_t i = 0; i < costs.size(); i++) {
    if (costs[i].looks.load(std::memory_order_relaxed) == 0) continue;
    const std::string_view name = generation.program->rule(i).name;
    auto at = rules_.find(name);
    if (at == rules_.end()) {
      if (rules_.size() >= max_rules) continue;
      at = rules_.emplace(name, RuleCostSum()).first;
    }
    add_to(at->second, costs[i]);
  }
}

}  // namespace saker::run
