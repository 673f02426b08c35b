// SPDX-License-Identifier: Apache-2.0
// All threads and queues of the daemon: drain threads, one output thread, one that writes
// recordings, and the bells between them. The main thread makes, starts, changes and stops it, and
// calls housekeeping() once a second.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/error.h"
#include "base/fd.h"
#include "base/log.h"
#include "capture/source.h"
#include "enrich/containers.h"
#include "enrich/epochs.h"
#include "enrich/learner.h"
#include "enrich/pods.h"
#include "enrich/table.h"
#include "enrich/user_names.h"
#include "run/container_threads.h"
#include "run/drain.h"
#include "run/generation.h"
#include "run/outputs.h"
#include "run/rule_cost_sums.h"
#include "run/taps.h"

namespace saker::run {

// When a record that is not urgent wakes a drain thread; 0: the source chooses.
struct Waking {
  std::uint32_t us = 0, bytes = 0;
};

struct PipelineOptions {
  unsigned drain_threads = 0;  // 0: one for every eight CPUs
  Waking waking;               // until replace() changes it
  std::uint32_t ignore_pid = 0;
  std::string proc = "/proc";
  std::string container_root;
  // directories of container runtimes, in addition to those that are found
  enrich::RuntimePaths runtime_paths;
  bool pods = false;  // containers are described by what is in pods(), too
  // Asked for names that are not in /etc/passwd and /etc/group; null: nothing is. It must outlive
  // the pipeline, and the process if a thread was abandoned.
  enrich::NameService* name_service = nullptr;
  // How long a thread may make no progress until stalled() names it.
  std::uint64_t stalled_ns = 10'000'000'000;
};

class Pipeline {
 public:
  // Both are called by the output thread for every alert: the annotator before the outputs get it,
  // the follower afterwards.
  using Annotator = Outputs::Annotator;
  using Follower = Outputs::Follower;

  // `source` and `log` must outlive it. It does not run yet.
  static Result<std::unique_ptr<Pipeline>> make(capture::Source& source, const Log& log,
                                                PipelineOptions options);
  ~Pipeline();

  // Call it before start().
  void set_annotator(Annotator annotator) { annotator_ = std::move(annotator); }
  // Attaches the hooks that the rules need, starts the threads, and fills the process table while
  // they drain, so that nothing is missed in between. The result: requested events that could not
  // be attached.
  Result<capture::RecordTypes> start(std::unique_ptr<Generation> generation, Sinks sinks,
                                     Follower follower);
  // Detaches, drains the rings, ends the threads, and gives each output a moment to write its
  // alerts. Alerts left over are counted and logged.
  void stop();

  // Replaces rules and outputs without losing a record: records made after it returns are matched
  // by the new rules. If the source cannot attach, everything stays as it is.
  Result<capture::RecordTypes> replace(std::unique_ptr<Generation> generation, Sinks sinks,
                                       Waking waking = {});
  // Events after its return go to `sink`; pass the number to end_recording(), after which the
  // sink's end() is called.
  Result<std::uint64_t> record(TapOptions options, std::unique_ptr<TapSink> sink);
  void end_recording(std::uint64_t number);
  // Also waits until its sink has ended, but not forever: a thread may be far behind.
  void end_recording_now(std::uint64_t number);
  // Reopens the files of outputs.
  void reopen_outputs() { outputs_->reopen(); }
  // Whether alerts are made as JSON for followers, whatever the outputs take.
  void follow_json(bool any) { shared_->json_followed.store(any, std::memory_order_relaxed); }
  // From now on one event of so many is timed (0: none), for rule_costs() and the drains' samples.
  void sample(std::uint32_t every) {
    shared_->sample_every.store(every, std::memory_order_relaxed);
  }
  // Since the start, whatever was reloaded.
  RuleCostSums rule_costs() const;
  // Clock, users, containers, and freeing what is no longer used. Once a second.
  void housekeeping();

  // What is known of this node's pods: somebody else fills it (run/pod_watch), and says for each
  // change whose containers it concerns. The second: any thread.
  enrich::Pods& pods() { return pods_; }
  const enrich::Pods& pods() const { return pods_; }
  void note_pod(const std::string& uid);

  // Why a drain thread ended by itself; "" if none did.
  std::string failure();
  // The thread that has made no progress for a long time, as housekeeping() found: a drain thread
  // or the output thread, which wait for nothing. "" if there is none. Threads that a file system,
  // a name service or a disk may hold are named in the log instead.
  std::string stalled() const;
  // A thread that is blocked by a file system could not be ended by stop(): the program must leave
  // by _exit().
  bool abandoned() const { return abandoned_; }

  std::size_t recordings() const { return taps_->count(); }
  const Shared& shared() const { return *shared_; }
  const std::vector<std::unique_ptr<Drain>>& drains() const { return drains_; }
  const char* wait_mechanism() const;
  // For the main thread: what is loaded now.
  const Generation& generation() const { return *generation_; }
  const enrich::UserNames& names() const { return names_; }
  // For the main thread.
  Outputs& outputs() { return *outputs_; }
  const Outputs& outputs() const { return *outputs_; }

 private:
  template <typename T>
  struct Old {
    std::unique_ptr<T> object;
    std::uint64_t epoch;
  };

  Pipeline(capture::Source& source, const Log& log, PipelineOptions options);
  Result<capture::RecordTypes> subscribe(const Generation& generation);
  void await_scan();
  void look_at_helpers();
  void look_at_drains();
  void look_at_cpus();
  void refresh_users(bool force);
  void publish_users();
  void free_old();
  void hurry_idle();
  void kick_all();
  void await_batch(std::uint64_t epoch);
  void drain_thread(unsigned index);
  void output_thread();
  void recording_thread();
  void learner_thread();
  void names_thread();
  bool join_reader(std::thread& thread);

  capture::Source& source_;
  const Log& log_;
  const PipelineOptions options_;
  Waking waking_;
  const unsigned threads_;
  enrich::Epochs epochs_;
  enrich::Containers containers_;
  enrich::Pods pods_;
  enrich::UserNames names_;
  ContainerThreads container_threads_, user_container_threads_;
  std::unique_ptr<enrich::ProcessTable> table_;
  std::unique_ptr<Shared> shared_;
  std::unique_ptr<enrich::Learner> learner_;
  std::unique_ptr<Taps> taps_;
  std::vector<std::unique_ptr<Drain>> drains_;
  std::vector<std::unique_ptr<capture::Waiter>> waiters_;

  std::unique_ptr<Generation> generation_;
  std::vector<Old<Generation>> old_generations_;
  RuleCostSums costs_gone_;  // of rules that were freed
  std::mutex users_lock_;    // guards the next two
  std::unique_ptr<enrich::Users> users_;
  std::vector<Old<enrich::Users>> old_users_;
  std::uint64_t gaps_seen_ = 0, tended_ = 0;

  std::unique_ptr<Outputs> outputs_;
  Annotator annotator_;
  std::atomic<bool> draining_{false}, writing_{false}, recording_{false}, reading_{false};
  std::mutex failure_lock_;
  std::string failure_;
  std::vector<std::thread> drain_threads_;
  std::thread output_thread_, recording_thread_, learner_thread_, names_thread_;
  // Since when a thread has been at one piece of work, CLOCK_BOOTTIME ns; 0: it waits for some.
  using Work = std::atomic<std::uint64_t>;
  Work output_work_{0}, recording_work_{0};
  struct Progress {
    std::uint64_t batches = 0, since = 0;  // batches at that time, CLOCK_BOOTTIME ns
  };
  std::vector<Progress> progress_;         // by drain thread
  std::vector<bool> present_;              // CPUs that had rings at the last housekeeping()
  std::atomic<std::uint64_t> hurried_{0};  // when idle threads were last woken
  std::atomic<unsigned> readers_{0};       // running threads that a file system may block
  std::map<std::string, std::uint64_t> held_since_;  // the start of the blocking that was logged
  bool abandoned_ = false;
  unsigned crowded_ = 0;  // number of CPUs for which it was logged that there are few threads
};

}  // namespace saker::run
