// SPDX-License-Identifier: Apache-2.0
#include "run/noise.h"

#include <algorithm>
#include <functional>
#include <set>

#include "lang/read/exception_text.h"
#include "output/escape.h"

namespace saker::run {
namespace {

constexpr std::uint64_t minute_ns = 60'000'000'000;
constexpr std::uint64_t halving_minutes = 30;
constexpr std::size_t shown_sources = 3;
constexpr std::size_t news_a_minute = 5;

std::uint64_t minute_of(std::uint64_t now) { return now / minute_ns + 1; }

// As `saker backtest` would write it, from what is known here: the programs, and their images if
// all have one.
std::string proposal_for(const std::string& rule, const std::vector<Noise::Source>& sources) {
  lang::NewException exception;
  exception.rule = rule;
  exception.name = "backtest_noise";
  const bool images = std::ranges::all_of(
      sources, [](const Noise::Source& s) { return !s.image.empty() && lang::writable(s.image); });
  exception.fields = {"proc.exepath"};
  exception.comps = {"="};
  if (images) {
    exception.fields.push_back("container.image.repository");
    exception.comps.push_back("=");
  }
  std::set<std::string> seen;
  for (const Noise::Source& source : sources) {
    if (source.exepath.empty() || !lang::writable(source.exepath)) continue;
    if (!images && !seen.insert(source.exepath).second) continue;
    std::vector<std::vector<std::string>>& tuple = exception.values.emplace_back();
    tuple.push_back({source.exepath});
    if (images) tuple.push_back({source.image});
  }
  if (exception.values.empty() || !lang::writable(rule)) return "";
  return lang::exception_yaml(exception);
}

}  // namespace

void Noise::use(const NoiseConfig& config) {
  std::lock_guard guard(lock_);
  config_ = config;
  wanted_.store(config.has_budget(), std::memory_order_relaxed);
}

std::uint64_t Noise::budget_of(const std::string& rule) const {
  const auto own = config_.rules.find(rule);
  return own == config_.rules.end() ? config_.max_alerts_per_hour : own->second;
}

// Drops counts older than an hour.
void Noise::advance(Count& count, std::uint64_t minute) const {
  if (minute <= count.minute) return;
  for (std::uint64_t i = 0; i < std::min<std::uint64_t>(minute - count.minute, minutes); i++) {
    std::uint32_t& gone = count.alerts[(minute - i) % minutes];
    count.hour -= gone;
    gone = 0;
  }
  count.minute = minute;
  if (minute - count.halved < halving_minutes) return;
  // So that a source that no longer alerts is replaced.
  count.halved = minute;
  for (Source& source : count.sources) source.alerts /= 2;
  std::erase_if(count.sources, [](const Source& source) { return source.alerts == 0; });
}

// The busiest sources stay, however many others there are: a new one replaces the least busy one.
void Noise::add_source(Count& count, const output::Alert& alert) const {
  const std::string exepath = alert.exepath.substr(0, longest_source),
                    image = alert.image.substr(0, longest_source);
  const auto same = std::ranges::find_if(count.sources, [&](const Source& source) {
    return source.exepath == exepath && source.image == image;
  });
  if (same != count.sources.end()) {
    same->alerts++;
  } else if (count.sources.size() < kept_sources) {
    count.sources.push_back({exepath, image, 1, 0});
  } else {
    Source& least = *std::ranges::min_element(count.sources, {}, &Source::alerts);
    least = {exepath, image, least.alerts + 1, 0};
  }
}

void Noise::note(const output::Alert& alert, std::uint64_t now) {
  if (!wanted_.load(std::memory_order_relaxed)) return;
  std::lock_guard guard(lock_);
  if (alert.rule == output::no_rule || budget_of(alert.rule_name) == 0) return;
  auto at = counts_.find(alert.rule_name);
  if (at == counts_.end()) {
    if (counts_.size() >= max_rules) return;
    at = counts_.emplace(alert.rule_name, Count()).first;
    at->second.halved = minute_of(now);
  }
  Count& count = at->second;
  advance(count, minute_of(now));
  count.alerts[count.minute % minutes]++;
  count.hour++;
  add_source(count, alert);
}

Noise::Row Noise::row_of(const std::string& rule, const Count& count) const {
  Row row{rule, count.hour, budget_of(rule), count.sources, ""};
  // Sources are counted over a different time than the hour.
  std::uint64_t all = 0;
  for (const Source& source : row.sources) all += source.alerts;
  for (Source& source : row.sources)
    source.percent = static_cast<unsigned>(100 * source.alerts / all);
  std::ranges::stable_sort(row.sources, std::greater(), &Source::alerts);
  row.sources.resize(std::min(row.sources.size(), shown_sources));
  row.proposal = proposal_for(rule, row.sources);
  return row;
}

std::vector<Noise::Row> Noise::rows(std::uint64_t now) const {
  std::vector<Row> out;
  {
    std::lock_guard guard(lock_);
    for (const auto& [rule, counted] : counts_) {
      Count count = counted;
      advance(count, minute_of(now));
      const std::uint64_t budget = budget_of(rule);
      if (budget != 0 && count.hour > budget) out.push_back(row_of(rule, count));
    }
  }
  std::ranges::stable_sort(out, std::greater(), &Row::alerts);
  return out;
}

std::vector<std::string> Noise::news(std::uint64_t now) {
  const std::uint64_t minute = minute_of(now);
  std::vector<std::string> out;
  std::lock_guard guard(lock_);
  if (news_minute_ != minute) news_count_ = 0;
  news_minute_ = minute;
  for (auto& [rule, count] : counts_) {
    advance(count, minute);
    const std::uint64_t budget = budget_of(rule);
    const bool told = count.told != 0 && minute - count.told < minutes;
    if (budget == 0 || count.hour <= budget || told || news_count_ >= news_a_minute) continue;
    count.told = minute;
    news_count_++;
    std::string name;
    output::append_shown(name, rule);
    out.push_back("rule \"" + name + "\" made " + std::to_string(count.hour) +
                  " alerts within an hour, over its budget of " + std::to_string(budget) +
                  "; most are of " + sources_text(row_of(rule, count)) +
                  "; saker status --json has an exception for it under noise, and saker backtest "
                  "tries one on a recording");
  }
  return out;
}

std::string sources_text(const Noise::Row& row) {
  std::string out;
  for (const Noise::Source& source : row.sources) {
    out += out.empty() ? "" : ", ";
    output::append_shown(out, source.exepath.empty() ? "an unknown program" : source.exepath);
    if (!source.image.empty()) output::append_shown(out.append(" in image "), source.image);
    out += " (" + std::to_string(source.percent) + " %)";
  }
  return out;
}

}  // namespace saker::run
