// SPDX-License-Identifier: Apache-2.0
// The rules that alert more often than their budget allows, and the sources of most of these
// alerts. No alert is held back because of it. The output thread calls note(), the main thread the
// rest.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "output/alert.h"
#include "run/config.h"

namespace saker::run {

class Noise {
 public:
  struct Source {
    std::string exepath, image;  // image "": the host, or unknown
    std::uint64_t alerts = 0;
    unsigned percent = 0;  // share of the rule's alerts
  };
  struct Row {
    std::string rule;
    std::uint64_t alerts = 0, budget = 0;  // within the last hour
    std::vector<Source> sources;           // at most three, the largest first
    std::string proposal;                  // a rule file with an exception for them; may be ""
  };

  void use(const NoiseConfig& config);
  // `now`: CLOCK_BOOTTIME ns.
  void note(const output::Alert& alert, std::uint64_t now);
  // The rules over their budget, the noisiest first.
  std::vector<Row> rows(std::uint64_t now) const;
  // Sentences for the log about rules that went over their budget: once an hour for each rule, and
  // only a few per minute.
  std::vector<std::string> news(std::uint64_t now);

  // Reloads bring new names; rules beyond this number have no budget.
  static constexpr std::size_t max_rules = 5000;

 private:
  static constexpr std::size_t minutes = 60, kept_sources = 16, longest_source = 256;
  struct Count {
    std::array<std::uint32_t, minutes> alerts{};  // by minute, in turn
    std::uint64_t minute = 0, hour = 0;           // of the newest alert; alerts of the last hour
    std::vector<Source> sources;
    std::uint64_t halved = 0;  // minute in which the sources were
    std::uint64_t told = 0;    // minute in which it was logged; 0: never
  };
  void advance(Count& count, std::uint64_t minute) const;
  void add_source(Count& count, const output::Alert& alert) const;
  std::uint64_t budget_of(const std::string& rule) const;
  Row row_of(const std::string& rule, const Count& count) const;

  std::atomic<bool> wanted_{false};  // some rule has a budget
  mutable std::mutex lock_;          // guards the members below; held only briefly
  NoiseConfig config_;
  std::map<std::string, Count> counts_;
  std::uint64_t news_minute_ = 0;
  std::size_t news_count_ = 0;
};

// "a (70 %), b in image c (20 %)"
std::string sources_text(const Noise::Row& row);

}  // namespace saker::run
