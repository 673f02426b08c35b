// SPDX-License-Identifier: Apache-2.0
// Says what was lost since it last said so: records, alerts, hooks, descriptions of containers.
// Once a second the main thread hands it the counters; what it returns is for the log and the
// outputs. Each kind of loss is told at once and then at most so often, and then all that came
// meanwhile.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "lang/rules.h"
#include "run/config.h"

namespace saker::run {

// The counters at one moment; the counters only grow, but `undescribed`.
struct LossSample {
  std::uint64_t seen = 0;
  std::uint64_t lost_life = 0, lost_event = 0;  // records that found no room, by lane
  std::uint64_t corrupted = 0, bad_heads = 0;   // records that were not sound; heads likewise
  std::uint64_t missed = 0;                     // calls that a hook did not see
  std::uint64_t alerts = 0;
  std::map<std::string, std::uint64_t> alerts_lost;  // by the output that could not keep them
  std::vector<std::string> hooks_on, hooks_off;      // attached; and those whose attaching failed
  // Events that the rules ask for and nothing records, and those that one way in is not recorded
  // of.
  std::vector<std::string> events_missing, events_partial;
  std::uint64_t undescribed = 0;  // containers of which nothing is known but their number
};

struct LossNotice {
  std::string rule, message;
  lang::Priority priority = lang::Priority::critical;
  std::map<std::string, std::string> fields;  // values as JSON
  bool records = false;                       // the sensor did not see something
};

class LossWatch {
 public:
  explicit LossWatch(const LossConfig& config) : config_(config) {}

  void use(const LossConfig& config) { config_ = config; }
  // `now`: CLOCK_BOOTTIME ns.
  std::vector<LossNotice> look(const LossSample& sample, std::uint64_t now);

 private:
  struct Bucket {
    double tokens = 0;
    std::uint64_t filled = 0;  // when; 0: never
  };
  bool may_tell(const std::string& kind, std::uint64_t now);
  void look_at_records(std::vector<LossNotice>& out, const LossSample& sample, std::uint64_t now);
  void look_at_alerts(std::vector<LossNotice>& out, const LossSample& sample, std::uint64_t now);
  void look_at_hooks(std::vector<LossNotice>& out, const LossSample& sample, std::uint64_t now);
  void look_at_events(std::vector<LossNotice>& out, const LossSample& sample);
  void look_at_containers(std::vector<LossNotice>& out, const LossSample& sample,
                          std::uint64_t now);

  LossConfig config_;
  std::map<std::string, Bucket> buckets_;
  std::set<std::string> were_on_, told_off_;           // hooks
  std::set<std::string> told_missing_, told_partial_;  // events
  LossSample last_;                                    // the last look
  LossSample told_;                                    // as far as it was told
};

}  // namespace saker::run
