// SPDX-License-Identifier: Apache-2.0
// The kernel module as a source: /dev/saker, with its rings mapped read-only and its tails mapped
// writable. Closing it detaches every hook.
#pragma once

#include <saker/ioctl.h>

#include <atomic>
#include <memory>
#include <mutex>

#include "base/fd.h"
#include "capture/source.h"

namespace saker::capture {

struct KmodOptions {
  std::string device = SAKER_DEVICE;
  std::uint64_t life_bytes = 1u << 20;  // of each CPU's ring in that lane
  std::uint64_t event_bytes = 4u << 20;
};

class Kmod final : public Source {
 public:
  // Becomes the only consumer. The error says why it cannot, and what to do next.
  static Result<std::unique_ptr<Kmod>> open(const KmodOptions& options);

  const saker_info& info() const { return info_; }

  std::string describe() const override;
  const std::string& name() const override { return name_; }
  unsigned cpus() const override { return info_.cpus; }
  bool has(unsigned cpu) const override;
  unsigned present() const override { return present_.load(std::memory_order_relaxed); }
  bool grown() const override { return first_->cpus() != present(); }
  Result<void> grow() override;
  RecordTypes supported() const override;
  Result<RecordTypes> subscribe(const Subscription& wanted) override;
  RecordTypes partial() const override { return partial_; }
  Result<std::unique_ptr<Waiter>> waiter(unsigned first_cpu, unsigned cpu_count) override;
  std::span<const std::byte> peek(unsigned cpu, Lane lane) override {
    return has(cpu) ? ring(cpu, lane).peek() : std::span<const std::byte>();
  }
  void consume(unsigned cpu, Lane lane, std::size_t bytes) override {
    if (has(cpu)) ring(cpu, lane).consume(bytes);
  }
  // Closes the device: its hooks are detached, and the waits that hold it end. The rings stay
  // mapped.
  void detach() override { device_.reset(); }
  RingCounters counters(unsigned cpu, Lane lane) const override {
    if (!has(cpu)) return {};
    return rings_[cpu * SAKER_LANES + static_cast<unsigned>(lane)].counters();
  }
  std::uint64_t lost_of(unsigned cpu, Lane lane, std::uint16_t type) const override {
    if (!has(cpu)) return 0;
    return rings_[cpu * SAKER_LANES + static_cast<unsigned>(lane)].lost_of(type);
  }
  std::vector<Hook> hooks() const override;
  std::vector<UringOperation> uring_operations() const override;

 private:
  Kmod(const KmodOptions& options, Fd device, saker_info info);
  Result<bool> map(unsigned cpu);
  Ring& ring(unsigned cpu, Lane lane) {
    return rings_[cpu * SAKER_LANES + static_cast<unsigned>(lane)];
  }

  const std::string name_;
  const std::uint64_t life_bytes_, event_bytes_;
  Fd device_;
  RecordTypes partial_;
  saker_info info_;
  std::vector<Ring> rings_;        // by possible CPU; those of has() are mapped
  const Ring* first_ = nullptr;    // one that is mapped
  std::mutex growing_;             // guards mapping
  std::atomic<unsigned> present_;  // CPUs whose rings are mapped
  std::vector<std::atomic<bool>> has_;
};

// Compares INFO with what this build supports; an error names both versions and what to do.
Result<void> check_abi(const saker_info& info);

}  // namespace saker::capture
