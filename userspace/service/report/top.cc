// SPDX-License-Identifier: Apache-2.0
#include "service/report/top.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "service/report/status.h"

namespace saker::service {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t most_processes = 200, most_rules = 200;

std::uint64_t ns_of(const WebFacts& facts, std::uint64_t cycles) {
  return static_cast<std::uint64_t>(facts.cycle.seconds(cycles) * 1e9);
}

// A process may be in the tables of several drain threads.
Json processes_json(const WebFacts& facts) {
  std::map<std::uint32_t, run::ProcessSamples::Row> all;
  for (const auto& drain : facts.pipeline->drains())
    for (run::ProcessSamples::Row& row : drain->samples().rows()) {
      const std::uint32_t pid = row.pid;
      const auto [at, fresh] = all.try_emplace(pid, std::move(row));
      if (fresh) continue;
      at->second.events += row.events;
      at->second.cycles += row.cycles;
    }
  std::vector<run::ProcessSamples::Row> rows;
  for (auto& [pid, row] : all) rows.push_back(std::move(row));
  std::ranges::stable_sort(rows, std::greater(), &run::ProcessSamples::Row::events);
  rows.resize(std::min(rows.size(), most_processes));
  Json out = Json::array();
  for (const run::ProcessSamples::Row& row : rows)
    out.push_back({{"pid", row.pid},
                   {"name", row.comm},
                   {"container", row.container},
                   {"events", row.events},
                   {"cost_ns", ns_of(facts, row.cycles)}});
  return out;
}

Json rules_json(const WebFacts& facts, const run::RuleCostSums& costs) {
  struct Row {
    std::string name;
    std::uint64_t alerts = 0;
    run::RuleCostSum cost;
  };
  std::map<std::string, Row> all;
  for (const RuleCounts::Row& count : facts.rules.rows())
    all[count.rule] = {count.rule, count.alerts, {}};
  for (const auto& [name, cost] : costs.rules()) {
    all[name].name = name;
    all[name].cost = cost;
  }
  std::vector<Row> rows;
  for (auto& [name, row] : all) rows.push_back(std::move(row));
  std::ranges::stable_sort(rows, [](const Row& a, const Row& b) {
    return std::pair(a.cost.cycles, a.alerts) > std::pair(b.cost.cycles, b.alerts);
  });
  rows.resize(std::min(rows.size(), most_rules));
  Json out = Json::array();
  for (const Row& row : rows)
    out.push_back({{"rule", row.name},
                   {"alerts", row.alerts},
                   {"judged", row.cost.looks},
                   {"cost_ns", ns_of(facts, row.cost.cycles)}});
  return out;
}

}  // namespace

std::string top_json(const WebFacts& facts) {
  const run::Pipeline& pipeline = *facts.pipeline;
  const StatusTotals sums = totals(pipeline);
  const run::RuleCostSums costs = pipeline.rule_costs();
  Json out{{"ok", true},
           {"now_ns", boot_ns()},
           {"sampled_one_of", pipeline.shared().sample_every.load(std::memory_order_relaxed)}};
  out["records"] = {{"seen", sums.seen}, {"lost", sums.lost}, {"matched", sums.matched}};
  out["finding_ns"] = ns_of(facts, costs.shared().cycles);
  out["processes"] = processes_json(facts);
  out["rules"] = rules_json(facts, costs);
  out["noise"] = noise_json(facts.noise);
  out["outputs"] = Json::array();
  for (const run::OpenSink& open : pipeline.outputs().sinks()) {
    const output::SinkCounters& c = open.sink->counters();
    out["outputs"].push_back({{"name", open.sink->name()},
                              {"written", c.written.load(std::memory_order_relaxed)},
                              {"lost", c.lost.load(std::memory_order_relaxed)},
                              {"errors", c.errors.load(std::memory_order_relaxed)},
                              {"waiting", c.waiting.load(std::memory_order_relaxed)}});
  }
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace saker::service
