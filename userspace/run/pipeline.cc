// SPDX-License-Identifier: Apache-2.0
#include "run/pipeline.h"

#include <poll.h>

#include <algorithm>

#include "base/clock.h"

namespace saker::run {
namespace {

constexpr unsigned cpus_per_thread = 8;
// An idle thread ends a batch this often, so that code that waits for all threads (epochs.h) never
// waits longer.
constexpr int idle_ms = 1000;
// How long the start of a recording waits until all threads know of it.
constexpr int longest_wait_ms = 1000;
// How long the start waits for the scan of /proc.
constexpr int longest_scan_ms = 30000;
// Reading one process usually takes less than a millisecond.
constexpr std::uint64_t long_read_ns = 5'000'000'000;
// Number of process images waiting to be freed above which idle threads are woken; one thread does
// this for all, at most this often.
constexpr std::size_t many_retired = 2048;
constexpr std::uint64_t hurry_ns = 10'000'000;
// Processes that vanished without a record are searched this often, in calls of housekeeping().
constexpr std::uint64_t reconcile_turns = 60;
// How long the outputs may take to write their alerts at the end.
constexpr std::uint64_t stop_ns = 2'000'000'000;

// By CPUs that have rings: most CPUs that a machine could have never appear.
unsigned thread_count(const PipelineOptions& options, unsigned cpus) {
  unsigned wanted = options.drain_threads ? options.drain_threads
                                          : (cpus + cpus_per_thread - 1) / cpus_per_thread;
  return std::clamp(wanted, 1u, std::max(cpus, 1u));
}

// Where each thread's range of CPU numbers begins, and where the last one ends. Each thread has its
// share of the CPUs with rings, and together the ranges cover all numbers, because further CPUs may
// come up.
std::vector<unsigned> stretches(const capture::Source& source, unsigned threads) {
  std::vector<unsigned> out{0};
  unsigned met = 0;
  for (unsigned cpu = 0; cpu < source.cpus(); cpu++) {
    if (!source.has(cpu)) continue;
    if (out.size() < threads && met == out.size() * source.present() / threads) out.push_back(cpu);
    met++;
  }
  out.push_back(source.cpus());
  return out;
}

// Births and ends of processes are always requested, because the process table depends on them.
// With them come all started programs and changes of credentials and namespaces; requesting those
// calls is only needed for rules, which are also about calls that changed nothing.
capture::RecordTypes life_events() {
  capture::RecordTypes out;
  for (std::uint16_t id = 1; id < SAKER_EV_MAX; id++) {
    const decode::Family family = decode::event_info(id).family;
    out[id] = family == decode::Family::fork || family == decode::Family::exit;
  }
  return out;
}

}  // namespace

Pipeline::Pipeline(capture::Source& source, const Log& log, PipelineOptions options)
    : source_(source),
      log_(log),
      options_(std::move(options)),
      waking_(options_.waking),
      threads_(thread_count(options_, source.present())),
      epochs_(threads_),
      names_(options_.container_root, options_.name_service),
      container_threads_(containers_, names_, options_.container_root, options_.runtime_paths,
                         enrich::Whose::system, options_.pods ? &pods_ : nullptr),
      user_container_threads_(containers_, names_, options_.container_root, {},
                              enrich::Whose::users) {}

Result<std::unique_ptr<Pipeline>> Pipeline::make(capture::Source& source, const Log& log,
                                                 PipelineOptions options) {
  std::unique_ptr<Pipeline> out(new Pipeline(source, log, std::move(options)));
  auto table = enrich::ProcessTable::make(out->epochs_, out->containers_);
  if (!table) return table.error();
  out->table_ = std::move(*table);
  out->shared_ = std::make_unique<Shared>(source, out->epochs_, *out->table_, out->containers_);
  out->learner_ =
      std::make_unique<enrich::Learner>(*out->table_, out->shared_->life, out->options_.proc);
  out->shared_->learner = out->learner_.get();
  out->shared_->names = &out->names_;
  out->outputs_ = std::make_unique<Outputs>(out->shared_->output_bell);
  out->taps_ = std::make_unique<Taps>(out->epochs_, out->threads_, out->shared_->taps);
  if (!out->shared_->output_bell || out->taps_->bell() < 0) return Error::from_errno("eventfd");
  const std::vector<unsigned> begins = stretches(source, out->threads_);
  for (unsigned i = 0; i < out->threads_; i++) {
    const unsigned first = begins[i], last = begins[i + 1];
    auto waiter = source.waiter(first, last - first);
    if (!waiter) return waiter.error();
    out->waiters_.push_back(std::move(*waiter));
    out->drains_.push_back(std::make_unique<Drain>(*out->shared_, i, first, last - first));
  }
  return out;
}

Pipeline::~Pipeline() { stop(); }

const char* Pipeline::wait_mechanism() const {
  return waiters_.empty() ? "none" : waiters_.front()->mechanism();
}

Result<capture::RecordTypes> Pipeline::subscribe(const Generation& generation) {
  capture::Subscription wanted;
  wanted.events =
      (generation.program->asked_events() | taps_->asks() | life_events()) & source_.supported();
  wanted.urgent = generation.program->urgent_events();
  wanted.wake_us = waking_.us;
  wanted.wake_bytes = waking_.bytes;
  wanted.ignore_pid = options_.ignore_pid;
  Result<capture::RecordTypes> missing = source_.subscribe(wanted);
  if (!missing) return missing;
  return *missing | (generation.program->asked_events() & ~source_.supported());
}

// Waits while the threads drain. Not forever: a process in /proc may block its reader.
void Pipeline::await_scan() {
  for (int turns = 0; turns < longest_scan_ms && !learner_->scanned(); turns++)
    ::poll(nullptr, 0, 1);
  if (!learner_->scanned())
    log_.warning("processes are still being read from " + options_.proc + ", now process " +
                 std::to_string(learner_->busy_with()) + "; going on");
}

Result<capture::RecordTypes> Pipeline::start(std::unique_ptr<Generation> generation, Sinks sinks,
                                             Follower follower) {
  Result<capture::RecordTypes> missing = subscribe(*generation);
  if (!missing) return missing;
  generation_ = std::move(generation);
  shared_->generation.store(generation_.get(), std::memory_order_release);  // [generation-swap]
  refresh_users(true);
  shared_->wall_offset.store(wall_offset_ns(), std::memory_order_relaxed);
  std::vector<AlertQueue*> queues;
  for (const auto& drain : drains_) queues.push_back(&drain->alerts());
  outputs_->start(std::move(sinks), std::move(queues), annotator_, std::move(follower));
  draining_ = writing_ = recording_ = reading_ = true;
  readers_ = 2;
  container_threads_.start(*table_, shared_->life);
  user_container_threads_.start(*table_, shared_->life);
  learner_->ask_all();
  learner_thread_ = std::thread([this] { learner_thread(); });
  names_thread_ = std::thread([this] { names_thread(); });
  output_thread_ = std::thread([this] { output_thread(); });
  recording_thread_ = std::thread([this] { recording_thread(); });
  for (unsigned i = 0; i < threads_; i++)
    drain_threads_.emplace_back([this, i] { drain_thread(i); });
  look_at_cpus();
  await_scan();
  return missing;
}

void Pipeline::drain_thread(unsigned index) {
  Drain& drain = *drains_[index];
  capture::Waiter& waiter = *waiters_[index];
  while (draining_.load(std::memory_order_relaxed)) {
    drain.batch();
    if (threads_ > 1 && table_->retired() > many_retired) hurry_idle();
    std::string failure = drain.failure();
    if (failure.empty())
      if (Result<void> waited = waiter.wait(idle_ms); !waited) failure = waited.error().message;
    if (!failure.empty()) {
      std::lock_guard guard(failure_lock_);
      failure_ = std::move(failure);
      return;
    }
  }
  // The hooks are detached: no more records will come than those in the rings.
  drain.batch();
}

void Pipeline::hurry_idle() {
  const std::uint64_t now = boot_ns();
  std::uint64_t last = hurried_.load(std::memory_order_relaxed);
  if (now - last >= hurry_ns &&
      hurried_.compare_exchange_strong(last, now, std::memory_order_relaxed))
    kick_all();
}

void Pipeline::kick_all() {
  for (const auto& waiter : waiters_) waiter->kick();
}

void Pipeline::output_thread() {
  bool more = true;
  while (more) {
    shared_->output_bell.await(idle_ms);
    // Read before the queues: alerts queued before writing_ was cleared are passed on in this turn.
    // Pairs with [writing-end].
    more = writing_.load(std::memory_order_acquire);
    do {
      output_work_.store(boot_ns(), std::memory_order_relaxed);
    } while (outputs_->turn());
    output_work_.store(0, std::memory_order_relaxed);
  }
  outputs_->finish_folds();
}

void Pipeline::recording_thread() {
  while (recording_.load(std::memory_order_relaxed)) {
    recording_work_.store(boot_ns(), std::memory_order_relaxed);
    const int wait_ms = taps_->serve([this] { kick_all(); });
    recording_work_.store(0, std::memory_order_relaxed);
    pollfd bell{taps_->bell(), POLLIN, 0};
    ::poll(&bell, 1, wait_ms);
    std::uint64_t count;
    (void)!::read(taps_->bell(), &count, sizeof(count));
  }
  taps_->finish();
}

void Pipeline::learner_thread() {
  while (reading_.load(std::memory_order_relaxed)) {
    learner_->serve();
    pollfd bell{learner_->bell(), POLLIN, 0};
    ::poll(&bell, 1, -1);
  }
  readers_.fetch_sub(1, std::memory_order_relaxed);
}

void Pipeline::names_thread() {
  // Names that were found earlier are refreshed at intervals.
  constexpr int refresh_ms = 60'000;
  while (reading_.load(std::memory_order_relaxed)) {
    names_.serve(boot_ns(), [this] { publish_users(); });
    pollfd bell{names_.bell().fd(), POLLIN, 0};
    ::poll(&bell, 1, refresh_ms);
  }
  readers_.fetch_sub(1, std::memory_order_relaxed);
}

// False: the thread is blocked and is abandoned.
bool Pipeline::join_reader(std::thread& thread) {
  if (!thread.joinable()) return true;
  if (readers_.load(std::memory_order_relaxed) == 0) {
    thread.join();
    return true;
  }
  thread.detach();
  return false;
}

Result<std::uint64_t> Pipeline::record(TapOptions options, std::unique_ptr<TapSink> sink) {
  const std::uint64_t number = taps_->add(std::move(options), std::move(sink));
  if (Result<capture::RecordTypes> missing = subscribe(*generation_); !missing) {
    end_recording(number);
    return missing.error();
  }
  await_batch(epochs_.advance());
  return number;
}

// Waits until every thread has begun and ended a batch after this epoch: then it has seen
// everything published before the epoch ended. Not forever: a thread may be far behind, or have
// failed.
void Pipeline::await_batch(std::uint64_t epoch) {
  for (int turns = 0; turns < longest_wait_ms && epochs_.done() <= epoch; turns++) {
    kick_all();
    ::poll(nullptr, 0, 1);
  }
}

void Pipeline::end_recording(std::uint64_t number) {
  taps_->remove(number);
  if (Result<capture::RecordTypes> missing = subscribe(*generation_); !missing)
    log_.error("the hooks of a recording that ended stay attached: " + missing.error().message);
  kick_all();
}

void Pipeline::end_recording_now(std::uint64_t number) {
  end_recording(number);
  for (int turns = 0; turns < longest_wait_ms && taps_->has(number); turns++) ::poll(nullptr, 0, 1);
}

void Pipeline::stop() {
  if (!drain_threads_.empty()) {
    if (Result<capture::RecordTypes> detached = source_.subscribe({}); !detached)
      log_.warning("detaching: " + detached.error().message);
    draining_.store(false, std::memory_order_relaxed);
    kick_all();
    for (std::thread& thread : drain_threads_) thread.join();
    drain_threads_.clear();
    source_.detach();
  }
  if (output_thread_.joinable()) {
    writing_.store(false, std::memory_order_release);  // [writing-end]
    shared_->output_bell.ring();
    output_thread_.join();
    for (const std::string& left : outputs_->stop(stop_ns)) log_.warning(left);
  }
  if (learner_thread_.joinable()) {
    reading_.store(false, std::memory_order_relaxed);
    container_threads_.ask_to_end();
    user_container_threads_.ask_to_end();
    learner_->stop();
    names_.stop();
    const auto running = [this] {
      return readers_.load(std::memory_order_relaxed) != 0 || container_threads_.running() ||
             user_container_threads_.running();
    };
    for (int turns = 0; turns < longest_wait_ms && running(); turns++) ::poll(nullptr, 0, 1);
    const bool all = container_threads_.join() & user_container_threads_.join() &
                     join_reader(learner_thread_) & join_reader(names_thread_);
    abandoned_ = !all;
    if (!all) log_.error("a file system or the name service blocks a thread; ending without it");
  }
  if (recording_thread_.joinable()) {
    recording_.store(false, std::memory_order_relaxed);
    taps_->ring();
    recording_thread_.join();
  }
  // After the last thread that wakes others.
  waiters_.clear();
}

Result<capture::RecordTypes> Pipeline::replace(std::unique_ptr<Generation> generation, Sinks sinks,
                                               Waking waking) {
  const Waking before = std::exchange(waking_, waking);
  // Attach additional events first, so that none is missed; records that only the old rules want
  // match no rule and are skipped.
  Result<capture::RecordTypes> missing = subscribe(*generation);
  if (!missing) {
    waking_ = before;
    if (Result<capture::RecordTypes> back = subscribe(*generation_); !back)
      log_.error("and the old hooks could not be attached again either: " + back.error().message);
    return missing;
  }
  std::unique_ptr<Generation> old = std::exchange(generation_, std::move(generation));
  // [generation-swap]: all of it was made before a drain thread can find it.
  shared_->generation.store(generation_.get(), std::memory_order_release);
  const std::uint64_t retired = epochs_.advance();
  old_generations_.push_back({std::move(old), retired});
  // A batch in progress may still use the old rules: after this returns, events are matched by the
  // new ones.
  await_batch(retired);
  outputs_->replace(std::move(sinks));
  return missing;
}

void Pipeline::refresh_users(bool force) {
  if (names_.read_files(force)) publish_users();
}

// The main thread and the thread that asks for names.
void Pipeline::publish_users() {
  std::lock_guard guard(users_lock_);
  auto old = std::exchange(users_, std::make_unique<enrich::Users>(names_.make()));
  shared_->users.store(users_.get(), std::memory_order_release);  // [users-swap]
  if (old) old_users_.push_back({std::move(old), epochs_.advance()});
}

RuleCostSums Pipeline::rule_costs() const {
  RuleCostSums sums = costs_gone_;
  for (const auto& old : old_generations_) sums.add(*old.object);
  sums.add(*generation_);
  return sums;
}

void Pipeline::free_old() {
  const std::uint64_t done = epochs_.done();
  for (const auto& old : old_generations_)
    if (old.epoch < done) costs_gone_.add(*old.object);
  std::erase_if(old_generations_, [&](const auto& old) { return old.epoch < done; });
  {
    std::lock_guard guard(users_lock_);
    std::erase_if(old_users_, [&](const auto& old) { return old.epoch < done; });
  }
  taps_->free_old();
}

// Reports once what holds a thread that files, a name service or a disk may hold, and what is
// missing meanwhile.
void Pipeline::look_at_helpers() {
  const std::uint64_t now = boot_ns();
  const auto look = [&](const std::string& what, std::uint64_t since,
                        const std::string& meanwhile) {
    std::uint64_t& reported = held_since_[meanwhile];
    if (!since || now < since + long_read_ns || since == reported) return;
    reported = since;
    log_.warning(what + " takes longer than " + std::to_string(long_read_ns / 1'000'000'000) +
                 " s; until then, " + meanwhile);
  };
  look("reading process " + std::to_string(learner_->busy_with()) + " in " + options_.proc,
       learner_->busy_since(), "processes whose records were lost stay unknown");
  look("looking up " + names_.busy_with() + " (see /etc/nsswitch.conf)", names_.busy_since(),
       "users and groups that were not looked up before have no names");
  for (ContainerThreads* threads : {&container_threads_, &user_container_threads_})
    if (const std::string held = threads->tend(now); !held.empty()) log_.warning(held);
  look("writing recordings", recording_work_.load(std::memory_order_relaxed),
       "they lose the events that their queues cannot hold");
}

void Pipeline::look_at_drains() {
  const std::uint64_t now = boot_ns();
  progress_.resize(drains_.size());
  for (std::size_t i = 0; i < drains_.size(); i++) {
    const std::uint64_t batches = drains_[i]->counters().batches.get();
    if (batches != progress_[i].batches || !progress_[i].since) progress_[i] = {batches, now};
  }
}

// With more CPUs than at the start, the drain threads may have too much work.
void Pipeline::look_at_cpus() {
  const bool first = present_.empty();
  present_.resize(source_.cpus());
  for (unsigned cpu = 0; cpu < source_.cpus(); cpu++) {
    if (present_[cpu] || !source_.has(cpu)) continue;
    present_[cpu] = true;
    if (!first) log_.info("CPU " + std::to_string(cpu) + " has come up and is being watched");
  }
  if (!first && crowded_ < source_.present() &&
      source_.present() > 2 * cpus_per_thread * threads_ && !options_.drain_threads) {
    crowded_ = 2 * source_.present();
    log_.warning(
        std::to_string(source_.present()) + " CPUs have " + std::to_string(threads_) +
        " drain threads, the number for the CPUs online at the start; restart sakerd for more");
  }
}

std::string Pipeline::stalled() const {
  const std::uint64_t now = boot_ns();
  const auto long_ago = [&](std::uint64_t since) {
    return since && now - std::min(now, since) > options_.stalled_ns;
  };
  const std::string seconds = std::to_string(options_.stalled_ns / 1'000'000'000) + " s";
  for (std::size_t i = 0; i < progress_.size(); i++)
    if (long_ago(progress_[i].since))
      return "drain thread " + std::to_string(i) + " has finished no batch for more than " +
             seconds;
  if (long_ago(output_work_.load(std::memory_order_relaxed)))
    return "the output thread has been handing on alerts for more than " + seconds +
           " without an end";
  return "";
}

void Pipeline::housekeeping() {
  shared_->wall_offset.store(wall_offset_ns(), std::memory_order_relaxed);
  refresh_users(false);
  std::uint64_t gaps;
  {
    std::lock_guard guard(shared_->life);
    table_->collect();
    table_->trim();
    gaps = shared_->life_lane.gaps();
  }
  bool lost_life = gaps != std::exchange(gaps_seen_, gaps);
  if (++tended_ % reconcile_turns == 0 || lost_life) learner_->ask_all();
  look_at_helpers();
  look_at_drains();
  look_at_cpus();
  free_old();
  outputs_->housekeeping();
}

void Pipeline::note_pod(const std::string& uid) {
  std::lock_guard guard(shared_->life);
  containers_.look_again(uid);
}

std::string Pipeline::failure() {
  std::lock_guard guard(failure_lock_);
  return failure_;
}

}  // namespace saker::run
