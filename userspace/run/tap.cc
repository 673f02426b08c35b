// SPDX-License-Identifier: Apache-2.0
#include "run/tap.h"

#include <sys/random.h>
#include <unistd.h>

#include <algorithm>

#include "base/clock.h"
#include "recording/encoder.h"
#include "recording/schema.h"

namespace saker::run {
namespace {

// Packing must keep up with the events.
constexpr int pack_level = 3;

std::uint64_t random_seed() {
  std::uint64_t seed = 0;
  // It never fails for so few bytes once the system is up.
  (void)!::getrandom(&seed, sizeof seed, 0);
  return seed;
}

}  // namespace

std::string recording_description(const std::string& host, const std::string& program) {
  recording::Description description = recording::describe_host();
  if (!host.empty()) description.host = host;
  description.program = program;
  return recording::encode(description);
}

Tap::Tap(TapOptions options, unsigned threads, int bell, std::unique_ptr<TapSink> sink)
    : options_(std::move(options)), bell_(bell), sink_(std::move(sink)) {
  const std::uint64_t seed = random_seed();
  for (unsigned i = 0; i < threads; i++) {
    lanes_.push_back(std::make_unique<Lane>(seed));
    if (options_.filter) lanes_.back()->matcher.emplace(*options_.filter);
  }
}

void Tap::begin_batch(unsigned thread, const enrich::Users* users) {
  Lane& lane = *lanes_[thread];
  lane.builder.new_batch();
  // Relaxed order is enough: it only says that it is time.
  lane.asked = cut_.load(std::memory_order_relaxed);
  use(thread, users);
}

void Tap::use(unsigned thread, const enrich::Users* users) {
  Lane& lane = *lanes_[thread];
  if (lane.matcher && lane.users != users) lane.matcher->use(users);
  lane.users = users;
}

void Tap::offer(unsigned thread, const fields::Event& event) {
  const saker_rec& head = event.record.head();
  if (!options_.records[head.type] || (options_.ignore_pid && head.pid == options_.ignore_pid))
    return;
  Lane& lane = *lanes_[thread];
  if (lane.matcher && lane.matcher->match(event).empty()) return;
  lane.builder.add(event);
  if (lane.builder.full()) hand_over(lane);
}

void Tap::end_batch(unsigned thread) {
  Lane& lane = *lanes_[thread];
  if (lane.asked != lane.done.load(std::memory_order_relaxed)) {
    if (lane.builder.events()) hand_over(lane);
    lane.done.store(lane.asked, std::memory_order_release);  // [tap-cut]: the block is in the queue
  }
  lane.gathering.store(lane.builder.events() != 0, std::memory_order_relaxed);
}

void Tap::hand_over(Lane& lane) {
  std::unique_ptr<recording::Block> block = lane.builder.take();
  const std::uint64_t events = block->events.size(), one = 1;
  if (!lane.queue.push(std::move(block))) lane.lost.add(events);
  // The write can only fail when the bell is ringing already.
  (void)!::write(bell_, &one, sizeof one);
}

bool Tap::cut(std::uint64_t now) {
  if (now < next_cut_) return false;
  next_cut_ = now + options_.cut_ns;
  cut_.store(clock_ns(CLOCK_REALTIME), std::memory_order_relaxed);
  return std::ranges::any_of(
      lanes_, [](const auto& lane) { return lane->gathering.load(std::memory_order_relaxed); });
}

void Tap::pass(recording::Block& block) {
  const std::uint64_t events = block.events.size();
  const std::string packed = recording::encode(block, pack_level);
  recording::BlockHead head;
  const bool whole = recording::read_head(packed, head);
  (whole && sink_->take(packed, head) ? events_ : refused_).add(events);
}

void Tap::pass(bool last) {
  std::uint64_t whole = ~std::uint64_t{0};
  // Pairs with [tap-cut]: everything that a lane had before that cut is in its queue, which is
  // emptied below.
  for (const auto& lane : lanes_)
    whole = std::min(whole, lane->done.load(std::memory_order_acquire));
  for (const auto& lane : lanes_) {
    while (auto block = lane->queue.pop()) pass(**block);
    if (last && lane->builder.events()) pass(*lane->builder.take());
  }
  sink_->round(last ? ~std::uint64_t{0} : whole, totals());
  if (last) sink_->end(totals());
}

TapTotals Tap::totals() const {
  TapTotals out{events_.get(), refused_.get()};
  for (const auto& lane : lanes_) out.lost += lane->lost.get();
  return out;
}

}  // namespace saker::run
