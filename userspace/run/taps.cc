// SPDX-License-Identifier: Apache-2.0
#include "run/taps.h"

#include <sys/eventfd.h>

#include <algorithm>

#include "base/clock.h"

namespace saker::run {
namespace {

// How soon the threads should have left a removed tap.
constexpr int leaving_ms = 5;

}  // namespace

Taps::Taps(enrich::Epochs& epochs, unsigned threads, std::atomic<const TapList*>& published)
    : epochs_(epochs),
      threads_(threads),
      published_(published),
      bell_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

void Taps::ring() const {
  const std::uint64_t one = 1;
  // The write can only fail when the bell is ringing already.
  (void)!::write(bell_.get(), &one, sizeof one);
}

// For the holder of the lock. Publishes the taps that are not leaving. The result is the last epoch
// in which a drain thread can have seen the previous list.
std::uint64_t Taps::publish() {
  auto list = std::make_unique<TapList>();
  for (const auto& entry : entries_)
    if (!entry->leaving) list->push_back(entry->tap.get());
  const TapList* visible = list->empty() ? nullptr : list.get();
  published_.store(visible, std::memory_order_release);  // [taps-swap]: the taps are complete
  const std::uint64_t retired = epochs_.advance();
  old_lists_.push_back({std::exchange(list_, std::move(list)), retired});
  return retired;
}

std::uint64_t Taps::add(TapOptions options, std::unique_ptr<TapSink> sink) {
  auto tap = std::make_unique<Tap>(std::move(options), threads_, bell_.get(), std::move(sink));
  std::lock_guard guard(lock_);
  entries_.push_back(std::make_unique<Entry>(next_number_, std::move(tap)));
  (void)publish();
  ring();
  return next_number_++;
}

void Taps::remove(std::uint64_t number) {
  std::lock_guard guard(lock_);
  const std::uint64_t now = epochs_.advance();
  for (const auto& entry : entries_)
    if (entry->number == number && !entry->ending) entry->ending = now;
  ring();
}

void Taps::free_old() {
  const std::uint64_t done = epochs_.done();
  std::lock_guard guard(lock_);
  std::erase_if(old_lists_, [&](const OldList& old) { return old.epoch < done; });
}

std::vector<Taps::Entry*> Taps::entries() const {
  std::lock_guard guard(lock_);
  std::vector<Entry*> out;
  for (const auto& entry : entries_) out.push_back(entry.get());
  return out;
}

// A tap ends in two steps. When every thread has drained everything up to its removal, the tap is
// unpublished. When every thread has left it, its remaining blocks are taken and it is freed. True:
// it is done.
bool Taps::leave(Entry& entry) {
  std::lock_guard guard(lock_);
  // The threads' earlier writes are visible: Epochs::done pairs with [epoch-end].
  const std::uint64_t done = epochs_.done();
  if (entry.leaving) return done > entry.retired;
  if (entry.ending && done > entry.ending) {
    entry.leaving = true;
    entry.retired = publish();
  }
  return false;
}

int Taps::serve(const std::function<void()>& wake_threads) {
  const std::uint64_t now = boot_ns();
  std::uint64_t next = ~std::uint64_t{0};
  bool wake = false, leaving = false;
  for (Entry* entry : entries()) {
    const bool last = leave(*entry);
    wake |= entry->tap->cut(now);
    entry->tap->pass(last);
    std::lock_guard guard(lock_);
    next = std::min(next, entry->tap->next_cut());
    leaving |= entry->ending && !last;
    if (last) std::erase_if(entries_, [&](const auto& each) { return each.get() == entry; });
  }
  if (wake || leaving) wake_threads();
  if (leaving) return leaving_ms;
  return next == ~std::uint64_t{0} ? -1
                                   : static_cast<int>((next - std::min(next, now)) / 1'000'000 + 1);
}

void Taps::finish() {
  for (Entry* entry : entries()) entry->tap->pass(true);
  std::lock_guard guard(lock_);
  entries_.clear();
}

capture::RecordTypes Taps::asks() const {
  capture::RecordTypes out;
  std::lock_guard guard(lock_);
  for (const auto& entry : entries_)
    if (!entry->ending) out |= entry->tap->asks();
  return out;
}

bool Taps::has(std::uint64_t number) const {
  std::lock_guard guard(lock_);
  return std::ranges::any_of(entries_,
                             [number](const auto& entry) { return entry->number == number; });
}

std::size_t Taps::count() const {
  std::lock_guard guard(lock_);
  return entries_.size();
}

}  // namespace saker::run
