// SPDX-License-Identifier: Apache-2.0
// The kernel module as a source: /dev/saker, its rings mapped for reading, its tails for writing.
// Closing it detaches every hook.
#pragma once

#include <saker/ioctl.h>

#include <memory>

#include "base/fd.h"
#include "capture/source.h"

namespace saker::capture {

struct KmodOptions {
  std::string device = SAKER_DEVICE;
  std::uint64_t life_bytes = 1u << 20;  // of each CPU's ring of that lane
  std::uint64_t event_bytes = 4u << 20;
};

class Kmod final : public Source {
 public:
  // Becomes the one consumer. The error says why it cannot be, and what to do next.
  static Result<std::unique_ptr<Kmod>> open(const KmodOptions& options);

  const saker_info& info() const { return info_; }

  std::string describe() const override;
  const std::string& name() const override { return name_; }
  unsigned cpus() const override { return info_.cpus; }
  EventSet supported() const override;
  Result<EventSet> ask(const Ask& ask) override;
  Result<std::unique_ptr<Waiter>> waiter(unsigned first_cpu, unsigned cpu_count) override;
  std::span<const std::byte> peek(unsigned cpu, Lane lane) override {
    return ring(cpu, lane).peek();
  }
  void consume(unsigned cpu, Lane lane, std::size_t bytes) override {
    ring(cpu, lane).consume(bytes);
  }
  // Closes the device: its hooks go, and the waits that hold it end. The rings stay mapped.
  void detach() override { device_.reset(); }
  RingCounters counters(unsigned cpu, Lane lane) const override {
    return rings_[cpu * SAKER_LANES + static_cast<unsigned>(lane)].counters();
  }
  std::vector<Hook> hooks() const override;

 private:
  Kmod(std::string name, Fd device, saker_info info)
      : name_(std::move(name)), device_(std::move(device)), info_(info) {}
  Ring& ring(unsigned cpu, Lane lane) {
    return rings_[cpu * SAKER_LANES + static_cast<unsigned>(lane)];
  }

  const std::string name_;
  Fd device_;
  saker_info info_;
  std::vector<Ring> rings_;
};

// What INFO told against what this build understands; an error names both versions and what to do.
Result<void> check_abi(const saker_info& info);

}  // namespace saker::capture
