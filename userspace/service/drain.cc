// SPDX-License-Identifier: Apache-2.0
#include "service/drain.h"

#include "enrich/proc_scan.h"

namespace saker::service {
namespace {

// Room is given back to the producer at least this often, so that a long batch does not fill the ring behind it.
constexpr std::size_t give_back_bytes = 64u << 10;
// Numbers of events are taken in blocks, so that threads seldom meet.
constexpr std::uint64_t number_block = 256;
// A number that /proc did not know is not asked for again so soon.
constexpr std::uint64_t missing_ns = 1'000'000'000;
constexpr std::size_t missing_slots = 64;

}  // namespace

Drain::Drain(Shared& shared, unsigned thread, unsigned first_cpu, unsigned cpu_count)
    : shared_(shared), thread_(thread), first_cpu_(first_cpu), cpu_count_(cpu_count),
      heads_(cpu_count), missing_(missing_slots) {}

void Drain::take_up_changes() {
  // Pairs with [generation-swap] and pairs with [users-swap]: what they point to is complete.
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
}

std::size_t Drain::batch() {
  const std::uint64_t epoch = shared_.epochs.begin();
  take_up_changes();
  queued_ = 0;
  for (unsigned i = 0; i < cpu_count_; i++)
    heads_[i] = shared_.source.peek(first_cpu_ + i, capture::Lane::event);
  {
    std::lock_guard guard(shared_.life);
    shared_.life_lane.drain([&](const decode::Record& record, const enrich::Process* process) {
      shared_.lanes[record.head().cpu % shared_.source.cpus() * SAKER_LANES].records.add();
      look_at(record, process ? process : nobody(record.head().pid));
    });
    count_life_corruption();
  }
  for (unsigned i = 0; i < cpu_count_; i++)
    if (!heads_[i].empty()) drain_events(first_cpu_ + i, heads_[i]);
  if (taps_)
    for (Tap* tap : *taps_) tap->end_batch(thread_);
  counters_.batches.add();
  shared_.epochs.end(thread_, epoch);
  return queued_;
}

void Drain::count_life_corruption() {
  for (unsigned cpu = 0; cpu < shared_.source.cpus(); cpu++) {
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
    look_at(record, process_of(record));
  }
  shared_.source.consume(cpu, capture::Lane::event, cursor.done() - given_back);
  if (corruption.records) {
    lane.corrupted.add(corruption.records);
    lane.corrupted_bytes.add(corruption.bytes);
  }
}

void Drain::look_at(const decode::Record& record, const enrich::Process* process) {
  counters_.records.add();
  if (record.family() == decode::Family::gap) {
    counters_.gaps.add();
    counters_.gap_lost.add(record.u64(SAKER_P_gap_lost));
  }
  if (!process->known) counters_.unknown.add();
  match::Event event{record, process, record.head().ts + offset_, number(), users_};
  event.hosts = &generation_->hosts;
  if (taps_)
    for (Tap* tap : *taps_) tap->offer(thread_, event);
  std::span<const match::Verdict> verdicts = matcher_->match(event);
  if (verdicts.empty()) return;
  counters_.matched.add();
  for (const match::Verdict& verdict : verdicts) {
    if (queue_.push(formatter_->render(verdict, event))) {
      counters_.alerts.add();
      queued_++;
    } else {
      counters_.alerts_dropped.add();
    }
  }
}

const enrich::Process* Drain::process_of(const decode::Record& record) {
  const saker_rec& head = record.head();
  const enrich::Process* process = shared_.table.find(head.pid, head.ts);
  if (process && process->known) return process;
  if (const enrich::Process* learnt = learn(head.pid, head.ts)) return learnt;
  return process ? process : nobody(head.pid);
}

// Its fork was lost, or it is a kernel thread that came after the scan: /proc may know it.
const enrich::Process* Drain::learn(std::uint32_t pid, std::uint64_t ts) {
  Missing& last = missing_[pid % missing_.size()];
  if (last.pid == pid && ts < last.until) return nullptr;
  last = {pid, ts + missing_ns};
  std::unique_ptr<enrich::Image> image = enrich::read_process(shared_.proc, pid);
  if (!image) return nullptr;
  std::lock_guard guard(shared_.life);
  shared_.table.add(std::move(image));
  return shared_.table.find(pid, ts);
}

// Of this process only the number is known. The one object serves all of them in turn.
const enrich::Process* Drain::nobody(std::uint32_t pid) {
  if (nobody_.pid != pid) {
    nobody_.pid = pid;
    nobody_.verdicts.forget();
  }
  return &nobody_;
}

std::uint64_t Drain::number() {
  if (next_number_ == number_end_) {
    next_number_ = shared_.next_number.fetch_add(number_block, std::memory_order_relaxed);
    number_end_ = next_number_ + number_block;
  }
  return next_number_++;
}

}  // namespace saker::service
