// SPDX-License-Identifier: Apache-2.0
// The work of one drain thread: batches of records, from the rings of its CPUs to alerts in its
// queue. A batch takes the heads of lane EVENT. Then it drains lane LIFE of all CPUs into the
// process table under the life lock, in steps, and matches the drained records between steps. Then
// it drains lane EVENT up to those heads. So the process of every record is known
// (docs/architecture.md, "A batch"). Once caches are warm, a record that matches no rule allocates
// nothing.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "capture/source.h"
#include "enrich/epochs.h"
#include "enrich/learner.h"
#include "enrich/life_lock.h"
#include "enrich/table.h"
#include "enrich/user_names.h"
#include "match/matcher.h"
#include "output/format.h"
#include "run/alert_queue.h"
#include "run/counters.h"
#include "run/generation.h"
#include "run/life_lane.h"
#include "run/process_samples.h"
#include "run/taps.h"

namespace saker::run {

// Shared by all drain threads. Made and owned by the pipeline.
struct Shared {
  capture::Source& source;
  enrich::Epochs& epochs;
  enrich::ProcessTable& table;
  enrich::Containers& containers;
  enrich::Learner* learner = nullptr;  // null: unknown processes are not looked up
  enrich::UserNames* names = nullptr;  // null: users are not looked up

  enrich::LifeLock life;
  LifeLane life_lane;
  std::atomic<const Generation*> generation{nullptr};
  std::atomic<const enrich::Users*> users{nullptr};
  std::atomic<const TapList*> taps{nullptr};
  std::atomic<std::uint64_t> wall_offset{0};
  std::atomic<std::uint64_t> next_number{1};
  // A follower takes alerts as JSON, whatever the outputs take.
  std::atomic<bool> json_followed{false};
  // One event of so many, on average, is timed; 0: none.
  std::atomic<std::uint32_t> sample_every{0};
  std::vector<LaneCounters> lanes;  // CPU * SAKER_LANES + lane
  Bell output_bell;                 // wakes the output thread

  Shared(capture::Source& s, enrich::Epochs& e, enrich::ProcessTable& t, enrich::Containers& c)
      : source(s),
        epochs(e),
        table(t),
        containers(c),
        life_lane(s, t),
        lanes(std::size_t{s.cpus()} * SAKER_LANES) {}
};

class Drain {
 public:
  Drain(Shared& shared, unsigned thread, unsigned first_cpu, unsigned cpu_count);

  // Called by the drain thread. Returns the number of alerts that were queued; waits while the
  // queue is full.
  std::size_t batch();

  // Why it cannot continue; "" while it can.
  const std::string& failure() const { return failure_; }

  AlertQueue& alerts() { return queue_; }
  // Any thread.
  const DrainCounters& counters() const { return counters_; }
  const ProcessSamples& samples() const { return samples_; }
  unsigned first_cpu() const { return first_cpu_; }
  unsigned cpu_count() const { return cpu_count_; }

 private:
  void load_updates();
  void use_users();
  void drain_life();
  bool note_life(const decode::Record& record, const enrich::Process* process);
  void handle_life_records();
  void await_metadata(const enrich::Process& process);
  void await_names(const saker_rec& head, const enrich::Process& process);
  struct Patience {
    std::uint64_t ns = 0, from = 0;
  };
  template <typename Condition>
  void await(Patience& patience, Condition there);
  bool crowded() const;
  void count_life_corruption();
  void drain_events(unsigned cpu, std::span<const std::byte> bytes);
  void handle_record(const decode::Record& record, const enrich::Process* process,
                     capture::Lane lane);
  std::span<const match::Verdict> judge(const fields::Event& event);
  std::span<const match::Verdict> judge_timed(const fields::Event& event);
  const enrich::Process* process_of(const decode::Record& record);
  bool lacks_ancestors(const enrich::Process& process) const;
  const enrich::Process* read_from_proc(std::uint32_t pid, std::uint64_t ts);
  const enrich::Process* unknown_process(std::uint32_t pid);
  std::uint64_t number();

  Shared& shared_;
  const unsigned thread_, first_cpu_, cpu_count_;
  const Generation* generation_ = nullptr;
  const enrich::Users* users_ = nullptr;
  const TapList* taps_ = nullptr;
  std::optional<match::Matcher> matcher_;
  std::optional<output::Formatter> formatter_;
  std::vector<std::span<const std::byte>> heads_;
  LifeLane::Goal goal_;
  // Records of lane LIFE to match after the life lock is released, and their processes.
  struct Life {
    std::size_t at;  // in life_bytes_
    const enrich::Process* process;
  };
  std::vector<std::uint64_t> life_bytes_;
  std::vector<Life> life_;
  // Each reader that a file system or a server may hold has its own, so that it uses up no other's.
  Patience containers_patience_, users_containers_patience_, names_patience_, proc_patience_;
  // The users and the group that were looked up last, and until when that holds.
  struct {
    std::uint32_t uid = 0, loginuid = 0, egid = 0;
    std::uint64_t until = 0;
  } named_;
  std::uint64_t offset_ = 0, next_number_ = 0, number_end_ = 0;
  enrich::Process unknown_process_;
  struct Missing {
    std::uint32_t pid = 0;
    std::uint64_t until = 0;
  };
  std::vector<Missing> missing_;  // pids that /proc did not have a moment ago, by pid modulo size
  // Of the sample: one of how many, and how many events until the next.
  std::uint32_t sample_every_ = 0, until_sample_ = 0;
  std::uint64_t sample_state_ = 0;
  ProcessSamples samples_;
  std::size_t queued_ = 0;
  std::string failure_;
  AlertQueue queue_;
  DrainCounters counters_;
};

}  // namespace saker::run
