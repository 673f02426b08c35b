// SPDX-License-Identifier: Apache-2.0
// Reports what was lost since the last report: records, alerts, hooks, descriptions of containers.
// Once a second the main thread passes it the counters; the result is for the log and the outputs.
// The first loss of each kind is reported at once, further losses at a limited rate, each report
// with everything lost since the last one.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "lang/rules.h"
#include "run/config.h"

namespace saker::run {

// The counters at one moment; all of them only grow, except `undescribed`.
struct LossSample {
  std::uint64_t seen = 0;
  std::uint64_t lost_life = 0, lost_event = 0;  // records that did not fit, by lane
  std::uint64_t corrupted = 0, bad_heads = 0;   // malformed records; the same for heads
  std::uint64_t missed = 0;                     // calls that a hook did not see
  std::uint64_t alerts = 0;
  std::map<std::string, std::uint64_t> alerts_lost;  // by the output that lost them
  std::vector<std::string> hooks_on, hooks_off;  // attached; and those that could not be attached
  // Events that the rules ask for and that are not recorded at all, or not for one way in.
  std::vector<std::string> events_missing, events_partial;
  // Operations of io_uring that did what rules ask for, without a record.
  std::map<std::string, std::uint64_t> uring_unseen;
  std::uint64_t undescribed = 0;  // containers of which only the id is known
};

struct LossNotice {
  std::string rule, message;
  lang::Priority priority = lang::Priority::critical;
  std::map<std::string, std::string> fields;  // values as JSON
  bool records = false;                       // records were not seen (not only alerts lost)
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
    std::uint64_t filled = 0;  // time; 0: never
  };
  bool may_report(const std::string& kind, std::uint64_t now);
  void look_at_records(std::vector<LossNotice>& out, const LossSample& sample, std::uint64_t now);
  void look_at_alerts(std::vector<LossNotice>& out, const LossSample& sample, std::uint64_t now);
  void look_at_hooks(std::vector<LossNotice>& out, const LossSample& sample, std::uint64_t now);
  void look_at_events(std::vector<LossNotice>& out, const LossSample& sample);
  void look_at_uring(std::vector<LossNotice>& out, const LossSample& sample);
  void look_at_containers(std::vector<LossNotice>& out, const LossSample& sample,
                          std::uint64_t now);

  LossConfig config_;
  std::map<std::string, Bucket> buckets_;
  std::set<std::string> were_on_, told_off_;           // hooks
  std::set<std::string> told_missing_, told_partial_;  // events
  std::set<std::string> told_unseen_;                  // operations of io_uring
  LossSample last_;                                    // the last sample
  LossSample reported_;                                // as far as it was reported
};

}  // namespace saker::run
