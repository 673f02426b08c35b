// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "report.h"

namespace saker::cli {
namespace {

using nlohmann::json;

constexpr std::size_t most_examples = 1000, most_sources = 20;

json alert_json(const BacktestReport& report, const Sighting& alert) {
  json values = json::object();
  for (std::uint8_t field = 0; field < noise_fields; field++) {
    std::uint32_t value = alert.values[field];
    values[std::string(noise_field_name(static_cast<NoiseField>(field)))] =
        value ? json(report.result.texts[value]) : json(nullptr);
  }
  return {{"file", report.result.files[alert.id.file]},
          {"event", alert.id.number},
          {"fields", std::move(values)}};
}

json alerts_json(const BacktestReport& report, const std::vector<Sighting>& alerts,
                 const std::set<EventId>* only) {
  json list = json::array();
  for (const Sighting& alert : alerts)
    if ((!only || only->contains(alert.id)) && list.size() < most_examples)
      list.push_back(alert_json(report, alert));
  return list;
}

json noise_json(const BacktestReport& report, const RuleTally& tally) {
  json all = json::object();
  for (std::uint8_t field = 0; field < noise_fields; field++) {
    json values = json::array();
    for (const NoiseSource& source :
         noise_sources(tally, report.result.texts, static_cast<NoiseField>(field)))
      if (values.size() < most_sources)
        values.push_back({{"value", source.value}, {"alerts", source.alerts}});
    all[std::string(noise_field_name(static_cast<NoiseField>(field)))] = std::move(values);
  }
  return all;
}

json proposal_json(const BacktestReport& report, const Proposal& proposal) {
  json result = {{"yaml", proposal.yaml},
                 {"made_for", proposal.meant.size()},
                 {"tried", report.trial_failure.empty()}};
  if (!report.trial_failure.empty()) {
    result["failure"] = report.trial_failure;
    return result;
  }
  result["alerts_after"] = proposal.after;
  result["gone_of_made_for"] = proposal.meant_hidden;
  result["also_hidden"] = alerts_json(report, proposal.also_hidden, nullptr);
  result["also_hidden_count"] = proposal.also_hidden.size();
  result["true_of_events"] = proposal.true_of;
  result["events_of_types"] = proposal.events;
  result["exposed_of_other_rules"] = proposal.exposed;
  return result;
}

}  // namespace

std::string backtest_json(const BacktestReport& report) {
  json rules = json::array();
  for (const auto& [name, tally] : report.result.rules) {
    json rule = {{"rule", name}, {"now", tally.now}, {"noise", noise_json(report, tally)}};
    if (report.baseline) {
      rule["before"] = tally.before;
      rule["new"] = tally.fresh;
      rule["gone"] = tally.gone;
      rule["new_alerts"] = alerts_json(report, tally.alerts, &tally.fresh_ids);
      rule["gone_alerts"] = alerts_json(report, tally.gone_alerts, nullptr);
    }
    auto proposal = report.proposals.find(name);
    rule["proposal"] = proposal == report.proposals.end() ? json(nullptr)
                                                          : proposal_json(report, proposal->second);
    rules.push_back(std::move(rule));
  }
  json all = {{"files", report.result.files},   {"events", report.result.events},
              {"baseline", report.baseline},    {"new_alerts", fresh_alerts(report)},
              {"damage", report.result.damage}, {"rules", std::move(rules)}};
  return all.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace saker::cli
