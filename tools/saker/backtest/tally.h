// SPDX-License-Identifier: Apache-2.0
// The alerts of rules for files of events, by rule, and compared with other rules. One thread.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "fields/event_names.h"
#include "lang/rules.h"
#include "match/matcher.h"

namespace saker::cli {

// Fields that distinguish alerts, and by which sources of noise are found.
enum NoiseField : std::uint8_t {
  noise_name,
  noise_exepath,
  noise_parent,
  noise_cmdline,
  noise_path,
  noise_container,
  noise_image,
  noise_user,
  noise_fields
};
std::string_view noise_field_name(NoiseField field);

// One event of one file.
struct EventId {
  std::uint32_t file = 0;
  std::uint64_t number = 0;
  bool operator<(const EventId& other) const {
    return std::tie(file, number) < std::tie(other.file, other.number);
  }
};

struct Sighting {
  EventId id;
  std::array<std::uint32_t, noise_fields> values{};  // in Texts; 0: no value
};

// Stores each text once.
class NoiseTexts {
 public:
  NoiseTexts() : texts_(1) {}
  std::uint32_t add(std::string text);
  const std::string& operator[](std::uint32_t index) const { return texts_[index]; }

 private:
  std::vector<std::string> texts_;
  std::unordered_map<std::string, std::uint32_t> index_;
};

struct RuleTally {
  std::uint64_t before = 0, now = 0, fresh = 0, gone = 0;
  // Only the first million alerts of all rules together are stored; counts cover all.
  std::vector<Sighting> alerts;
  std::set<EventId> fresh_ids;
  std::vector<Sighting> gone_alerts;
};

// Rules ready to run.
struct RunnableRules {
  lang::RuleSet set;
  std::unique_ptr<match::Program> program;
  std::unique_ptr<match::Matcher> matcher;

  static Result<RunnableRules> make(lang::RuleSet set, lang::RuleMatching matching);
  const std::string& name(const match::Verdict& verdict) const;
};

struct Backtest {
  std::vector<std::string> files;
  std::uint64_t events = 0;
  std::map<std::string, RuleTally> rules;  // by name
  NoiseTexts texts;
  std::uint64_t kept = 0;
  std::vector<std::string> damage;
};

// Called with a file's name and size when it begins, then from time to time.
struct Watch {
  std::function<void(const std::string&, std::uint64_t)> begin = [](const std::string&,
                                                                    std::uint64_t) {};
  std::function<void(std::uint64_t, std::uint64_t)> step = [](std::uint64_t, std::uint64_t) {};
};

// `before` may be null. The error names a file that cannot be opened.
Result<Backtest> run_backtest(const std::vector<std::string>& files, RunnableRules& now,
                              RunnableRules* before, const Watch& watch);

// Calls `each` for every event of these types that is shown to rules.
Result<void> for_each_event(const std::vector<std::string>& files, const fields::KindSet& types,
                            const Watch& watch, std::vector<std::string>& damage,
                            std::uint64_t& events,
                            const std::function<void(std::uint32_t, const fields::Event&)>& each);

}  // namespace saker::cli
