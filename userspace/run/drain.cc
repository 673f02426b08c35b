// SPDX-License-Identifier: Apache-2.0
#include "run/drain.h"

#include <algorithm>
#include <utility>

#include "base/clock.h"
#include "base/cycles.h"

namespace saker::run {
namespace {

// Ring space is given back to the producer at least this often, so that the ring does not fill up
// during a long batch.
constexpr std::size_t give_back_bytes = 64u << 10;
// Event numbers are taken in blocks, so that threads rarely contend.
constexpr std::uint64_t number_block = 256;
// A process number that /proc did not have is not looked up again within this time.
constexpr std::uint64_t missing_ns = 1'000'000'000;
constexpr std::size_t missing_slots = 64;
// A user without a name is looked up again after this time, in the time of records.
constexpr std::uint64_t named_ns = 1'000'000'000;
// Limits on how long events wait for each reader: the time of one wait, the fraction of all time
// (1/N), and the fill level of a ring up to which a thread waits (1/N). So an attacker who delays
// the reading (with many containers, or with a slow file system) delays alerts a little, and causes
// no loss.
constexpr std::uint64_t most_patience_ns = 250'000'000, patience_part = 20, crowded_part = 4;

// Number of events until the next timed one: `every` on average, and unpredictable for an attacker
// who wants to be busy only in between.
std::uint32_t next_sample(std::uint64_t& state, std::uint32_t every) {
  if (state == 0) state = cycles() | 1;
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return 1 + static_cast<std::uint32_t>(state % (2 * std::uint64_t{every} - 1));
}

}  // namespace

Drain::Drain(Shared& shared, unsigned thread, unsigned first_cpu, unsigned cpu_count)
    : shared_(shared),
      thread_(thread),
      first_cpu_(first_cpu),
      cpu_count_(cpu_count),
      heads_(cpu_count),
      missing_(missing_slots),
      queue_(shared.output_bell) {}

void Drain::load_updates() {
  // Pairs with [generation-swap] and pairs with [users-swap]: the objects are complete.
  const Generation* generation = shared_.generation.load(std::memory_order_acquire);
  const enrich::Users* users = shared_.users.load(std::memory_order_acquire);
  if (generation != generation_) {
    formatter_.reset();
    matcher_.reset();
    matcher_.emplace(*generation->program, users);
    formatter_.emplace(generation->texts, generation->format, users);
    generation_ = generation;
  } else if (users != users_) {
    matcher_->use(users);
    formatter_->use(users);
  }
  users_ = users;
  // Pairs with [taps-swap]: the taps are complete.
  taps_ = shared_.taps.load(std::memory_order_acquire);
  if (taps_)
    for (Tap* tap : *taps_) tap->begin_batch(thread_, users_);
  offset_ = shared_.wall_offset.load(std::memory_order_relaxed);
  const std::uint32_t every =
      generation_->costs ? shared_.sample_every.load(std::memory_order_relaxed) : 0;
  if (every == sample_every_) return;
  if (sample_every_ == 0) samples_.forget();
  sample_every_ = every;
  if (every != 0) until_sample_ = next_sample(sample_state_, every);
}

// Within a batch: the users may be newer than the batch, because names were waited for.
void Drain::use_users() {
  // Pairs with [users-swap]: the object is complete.
  const enrich::Users* users = shared_.users.load(std::memory_order_acquire);
  if (users == users_) return;
  users_ = users;
  matcher_->use(users);
  formatter_->use(users);
  if (taps_)
    for (Tap* tap : *taps_) tap->use(thread_, users);
}

std::size_t Drain::batch() {
  const std::uint64_t epoch = shared_.epochs.begin();
  load_updates();
  queued_ = 0;
  for (unsigned i = 0; i < cpu_count_; i++)
    heads_[i] = shared_.source.peek(first_cpu_ + i, capture::Lane::event);
  // After reading the heads: the process of a record on another CPU may have its LIFE record on a
  // CPU that has just come up.
  if (shared_.source.grown())
    if (Result<void> taken = shared_.source.grow(); !taken) failure_ = taken.error().message;
  drain_life();
  for (unsigned i = 0; i < cpu_count_; i++)
    if (!heads_[i].empty()) drain_events(first_cpu_ + i, heads_[i]);
  if (taps_)
    for (Tap* tap : *taps_) tap->end_batch(thread_);
  queue_.end_batch();
  counters_.batches.add();
  shared_.epochs.end(thread_, epoch);
  return queued_;
}

// The table changes under the lock. Records that rules want are copied, because their ring space is
// given back, and are matched without the lock.
void Drain::drain_life() {
  bool aimed = false;
  for (bool reached = false; !reached;) {
    {
      std::lock_guard guard(shared_.life);
      if (!std::exchange(aimed, true)) shared_.life_lane.aim(goal_);
      reached = shared_.life_lane.step(
          goal_, [this](const decode::Record& record, const enrich::Process* process) {
            return note_life(record, process);
          });
      count_life_corruption();
    }
    handle_life_records();
  }
}

bool Drain::note_life(const decode::Record& record, const enrich::Process* process) {
  const saker_rec& head = record.head();
  const capture::RecordTypes& asked = generation_->program->asked_events();
  shared_.lanes[head.cpu % shared_.source.cpus() * SAKER_LANES].records.add();
  const bool wanted = taps_ || record.family() == decode::Family::gap ||
                      (head.type < asked.size() && asked[head.type]);
  if (!wanted) {
    counters_.records.add();
    if (!process || !process->known) counters_.unknown.add();
    return true;
  }
  life_.push_back({life_bytes_.size(), process});
  const auto* words = reinterpret_cast<const std::uint64_t*>(&head);
  life_bytes_.insert(life_bytes_.end(), words, words + head.len / sizeof *words);
  return true;
}

void Drain::handle_life_records() {
  for (const Life& life : life_) {
    decode::Record record(life_bytes_.data() + life.at);
    const enrich::Process* process = life.process;
    if (process && lacks_ancestors(*process)) (void)read_from_proc(process->pid, record.head().ts);
    handle_record(record, process ? process : unknown_process(record.head().pid),
                  capture::Lane::life);
  }
  life_.clear();
  life_bytes_.clear();
}

void Drain::count_life_corruption() {
  for (unsigned cpu : shared_.life_lane.taken()) {
    const decode::Corruption& corruption = shared_.life_lane.corruption(cpu);
    if (!corruption.records) continue;
    LaneCounters& lane = shared_.lanes[cpu * SAKER_LANES + SAKER_LANE_LIFE];
    lane.corrupted.set(corruption.records);
    lane.corrupted_bytes.set(corruption.bytes);
  }
}

void Drain::drain_events(unsigned cpu, std::span<const std::byte> bytes) {
  LaneCounters& lane = shared_.lanes[cpu * SAKER_LANES + SAKER_LANE_EVENT];
  decode::Corruption corruption;
  decode::Cursor cursor(bytes, &corruption);
  std::size_t given_back = 0;
  for (; cursor.valid(); cursor.next()) {
    if (cursor.done() - given_back >= give_back_bytes) {
      shared_.source.consume(cpu, capture::Lane::event, cursor.done() - given_back);
      given_back = cursor.done();
    }
    decode::Record record = cursor.record();
    lane.records.add();
    handle_record(record, process_of(record), capture::Lane::event);
  }
  shared_.source.consume(cpu, capture::Lane::event, cursor.done() - given_back);
  if (corruption.records) {
    lane.corrupted.add(corruption.records);
    lane.corrupted_bytes.add(corruption.bytes);
  }
}

std::span<const match::Verdict> Drain::judge(const fields::Event& event) {
  if (sample_every_ == 0 || --until_sample_ != 0) return matcher_->match(event);
  return judge_timed(event);
}

std::span<const match::Verdict> Drain::judge_timed(const fields::Event& event) {
  until_sample_ = next_sample(sample_state_, sample_every_);
  const std::uint64_t since = cycles();
  const auto verdicts = matcher_->match_timed(event, *generation_->costs, sample_every_);
  const std::uint64_t until = cycles();
  samples_.note(*event.process, until - std::min(since, until), sample_every_);
  return verdicts;
}

void Drain::handle_record(const decode::Record& record, const enrich::Process* process,
                          capture::Lane lane) {
  const saker_rec& head = record.head();
  counters_.records.add();
  if (record.family() == decode::Family::gap) {
    counters_.gaps.add();
    counters_.gap_lost.add(record.u64(SAKER_P_gap_lost));
  }
  if (!process->known) counters_.unknown.add();
  if (process->container)
    await_metadata(*process);
  else if (head.uid != named_.uid || process->loginuid != named_.loginuid ||
           process->egid != named_.egid || head.ts >= named_.until)
    await_names(head, *process);
  fields::Event event{record, process, head.ts + offset_, number(), users_};
  event.hosts = &generation_->hosts;
  if (taps_)
    for (Tap* tap : *taps_) tap->offer(thread_, event);
  std::span<const match::Verdict> verdicts = judge(event);
  if (verdicts.empty()) return;
  counters_.matched.add();
  formatter_->use_json(shared_.json_followed.load(std::memory_order_relaxed));
  for (const match::Verdict& verdict : verdicts) {
    auto alert = std::make_shared<output::Alert>(formatter_->render(verdict, event));
    alert->recorded = head.ts;
    alert->lane = static_cast<std::uint8_t>(lane);
    queue_.push(std::move(alert));
    counters_.alerts.add();
    queued_++;
  }
}

// A ring of this thread may soon be full.
bool Drain::crowded() const {
  for (unsigned i = 0; i < cpu_count_; i++)
    for (capture::Lane lane : {capture::Lane::event, capture::Lane::life}) {
      const capture::RingCounters ring = shared_.source.counters(first_cpu_ + i, lane);
      if (ring.waiting_bytes > ring.size_bytes / crowded_part) return true;
    }
  return false;
}

// Waits for another thread's reading: for a short time at once, and for a small fraction of all
// time, whatever that thread does.
template <typename Condition>
void Drain::await(Patience& patience, Condition there) {
  std::uint64_t now = clock_ns(CLOCK_MONOTONIC);
  patience.ns = std::min(most_patience_ns, patience.ns + (now - patience.from) / patience_part);
  patience.from = now;
  const std::uint64_t began = now;
  while (now - began < patience.ns && !there() && !crowded()) {
    const timespec nap{0, 50'000};
    ::nanosleep(&nap, nullptr);
    now = clock_ns(CLOCK_MONOTONIC);
  }
  patience.ns -= std::min(patience.ns, now - began);
}

// A container's first events arrive while its files are being read, and rules name images.
// `process` is an image in the table.
void Drain::await_metadata(const enrich::Process& process) {
  if (!enrich::Containers::pending(process.container)) return;
  // A user must not use up the time for which others' containers are waited for.
  const bool users = enrich::Containers::is_users(process.container);
  await(users ? users_containers_patience_ : containers_patience_,
        [&] { return !enrich::Containers::pending(process.container); });
}

// The first events of a user arrive while the name service is being asked, and rules name users.
// The numbers of a container are not the host's: their names are not asked.
void Drain::await_names(const saker_rec& head, const enrich::Process& process) {
  named_ = {head.uid, process.loginuid, process.egid, head.ts + named_ns};
  if (!shared_.names || !users_) return;
  std::uint64_t ticket = 0;
  const auto ask = [&](enrich::UserNames::Kind kind, std::uint32_t number) {
    ticket = std::max(ticket, shared_.names->ask(kind, number, boot_ns()));
  };
  for (const std::uint32_t uid : {head.uid, process.loginuid})
    if (!users_->user(uid)) ask(enrich::UserNames::Kind::user, uid);
  if (process.known && !users_->group(process.egid))
    ask(enrich::UserNames::Kind::group, process.egid);
  if (!ticket) return;
  // Pairs with [names-known].
  await(names_patience_, [&] { return shared_.names->done() >= ticket; });
  use_users();
}

const enrich::Process* Drain::process_of(const decode::Record& record) {
  const saker_rec& head = record.head();
  const enrich::Process* process = shared_.table.find(head.pid, head.ts);
  if (process && process->known) {
    if (lacks_ancestors(*process)) (void)read_from_proc(head.pid, head.ts);
    return process;
  }
  if (const enrich::Process* learnt = read_from_proc(head.pid, head.ts)) return learnt;
  return process ? process : unknown_process(head.pid);
}

// During the first scan of /proc, the ancestors of a process may be missing from the table.
bool Drain::lacks_ancestors(const enrich::Process& process) const {
  return !process.parent && process.ppid != 0 && process.known && shared_.learner &&
         !shared_.learner->scanned();
}

// Its fork was lost, or it began before the sensor: /proc may have it.
const enrich::Process* Drain::read_from_proc(std::uint32_t pid, std::uint64_t ts) {
  Missing& last = missing_[pid % missing_.size()];
  if (!shared_.learner || (last.pid == pid && ts < last.until)) return nullptr;
  last = {pid, ts + missing_ns};
  const std::uint64_t ticket = shared_.learner->ask(pid);
  // Pairs with [learnt].
  await(proc_patience_, [&] { return shared_.learner->done() >= ticket; });
  return shared_.table.find(pid, ts);
}

// A process of which only the number is known. One object is reused for all of them.
const enrich::Process* Drain::unknown_process(std::uint32_t pid) {
  if (unknown_process_.pid != pid) {
    unknown_process_.pid = pid;
    unknown_process_.verdicts.forget();
  }
  return &unknown_process_;
}

std::uint64_t Drain::number() {
  if (next_number_ == number_end_) {
    next_number_ = shared_.next_number.fetch_add(number_block, std::memory_order_relaxed);
    number_end_ = next_number_ + number_block;
  }
  return next_number_++;
}

}  // namespace saker::run
