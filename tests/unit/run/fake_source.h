// SPDX-License-Identifier: Apache-2.0
// A source whose rings are in memory: records that a test writes into them are drained as if the
// module had written them.
#pragma once

#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "../capture/fake_ring.h"
#include "capture/source.h"

namespace saker::test {

class FakeSource final : public capture::Source {
 public:
  FakeSource(unsigned cpus, std::size_t life_bytes = 64u << 10,
             std::size_t event_bytes = 256u << 10)
      : cpus_(cpus), device_(cpus, life_bytes, event_bytes), up_(cpus), has_(cpus), present_(cpus) {
    for (unsigned cpu = 0; cpu < cpus; cpu++) up_[cpu] = has_[cpu] = true;
    for (unsigned cpu = 0; cpu < cpus; cpu++)
      for (unsigned lane = 0; lane < SAKER_LANES; lane++)
        rings_.push_back(std::move(*capture::Ring::map(
            device_.fd(), cpu, lane, lane == SAKER_LANE_LIFE ? life_bytes : event_bytes)));
  }

  bool write(unsigned cpu, capture::Lane lane, std::span<const std::byte> bytes) {
    return device_.ring(cpu, static_cast<unsigned>(lane)).write(bytes);
  }
  // Acts as if the CPU was not up when the source was made; then brings it up.
  void keep_down(unsigned cpu) {
    up_[cpu] = has_[cpu] = false;
    present_ = static_cast<unsigned>(std::count(has_.begin(), has_.end(), true));
  }
  void bring_up(unsigned cpu) { up_[cpu] = true; }
  // How often a thread was woken by another one.
  std::uint64_t kicks() const { return kicks_; }
  // The last argument of subscribe(); empty after detaching.
  capture::RecordTypes asked() {
    std::lock_guard guard(lock_);
    return asked_;
  }
  void refuse(bool refuse) { refuse_ = refuse; }

  std::string describe() const override { return "rings in memory"; }
  const std::string& name() const override { return name_; }
  unsigned cpus() const override { return cpus_; }
  bool has(unsigned cpu) const override { return has_[cpu]; }
  unsigned present() const override { return present_; }
  bool grown() const override { return !std::equal(up_.begin(), up_.end(), has_.begin()); }
  Result<void> grow() override {
    std::lock_guard guard(lock_);
    if (refuse_) return Error{"no memory, as the test wants"};
    for (unsigned cpu = 0; cpu < cpus_; cpu++)
      if (up_[cpu] && !has_[cpu].exchange(true)) present_++;
    return {};
  }
  capture::RecordTypes supported() const override { return capture::RecordTypes().set(); }
  Result<capture::RecordTypes> subscribe(const capture::Subscription& wanted) override {
    if (refuse_ && wanted.events.any()) return Error{"refused, as the test wants"};
    std::lock_guard guard(lock_);
    asked_ = wanted.events;
    return capture::RecordTypes();
  }
  Result<std::unique_ptr<capture::Waiter>> waiter(unsigned, unsigned) override {
    return std::unique_ptr<capture::Waiter>(std::make_unique<Sleeper>(*this));
  }
  std::span<const std::byte> peek(unsigned cpu, capture::Lane lane) override {
    if (!has_[cpu]) return {};
    return rings_[cpu * SAKER_LANES + static_cast<unsigned>(lane)].peek();
  }
  void consume(unsigned cpu, capture::Lane lane, std::size_t bytes) override {
    rings_[cpu * SAKER_LANES + static_cast<unsigned>(lane)].consume(bytes);
  }
  void detach() override {}
  capture::RingCounters counters(unsigned cpu, capture::Lane lane) const override {
    return rings_[cpu * SAKER_LANES + static_cast<unsigned>(lane)].counters();
  }
  std::vector<capture::Hook> hooks() const override { return {}; }
  std::vector<capture::UringOperation> uring_operations() const override { return operations_; }
  // What programs did through io_uring.
  void use_uring(std::vector<capture::UringOperation> used) { operations_ = std::move(used); }

 private:
  // Checks every millisecond.
  class Sleeper final : public capture::Waiter {
   public:
    explicit Sleeper(FakeSource& source) : source_(source) {}
    Result<void> wait(int) override {
      pollfd fd{bell_.get(), POLLIN, 0};
      if (::poll(&fd, 1, 1) > 0) {
        std::uint64_t count;
        (void)!::read(bell_.get(), &count, sizeof(count));
      }
      return {};
    }
    void kick() override {
      source_.kicks_++;
      std::uint64_t one = 1;
      (void)!::write(bell_.get(), &one, sizeof(one));
    }
    const char* mechanism() const override { return "looking"; }

   private:
    FakeSource& source_;
    Fd bell_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  };

  const unsigned cpus_;
  const std::string name_ = "memory";
  FakeDevice device_;
  std::vector<capture::Ring> rings_;
  std::mutex lock_;
  capture::RecordTypes asked_;
  std::vector<std::atomic<bool>> up_, has_;
  std::atomic<unsigned> present_;
  std::atomic<std::uint64_t> kicks_{0};
  bool refuse_ = false;
  std::vector<capture::UringOperation> operations_;
};

}  // namespace saker::test
