// SPDX-License-Identifier: Apache-2.0
// A device in memory: a file with the rings at the offsets of the device's mmap, and the producer's
// side of each ring. Pages that the module has once and maps twice are stored twice here.
#pragma once

#include <saker/ring.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <memory>
#include <span>
#include <vector>

#include "base/fd.h"
#include "capture/ring.h"

namespace saker::test {

class FakeRing {
 public:
  FakeRing(int fd, unsigned cpu, unsigned lane, std::size_t bytes) : size_(bytes) {
    const std::size_t page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    auto ring = capture::Mapping::map(fd, saker_mmap_offset(cpu, lane, SAKER_PART_RING),
                                      saker_ring_data(page) + 2 * bytes, PROT_READ | PROT_WRITE);
    auto tail = capture::Mapping::map(fd, saker_mmap_offset(cpu, lane, SAKER_PART_TAIL), page,
                                      PROT_READ | PROT_WRITE);
    ring_ = std::move(*ring);
    tail_ = std::move(*tail);
    head()->size = sizeof(saker_ring_head);
    head()->data_size = bytes;
    data_ = static_cast<std::byte*>(ring_.data()) + saker_ring_data(page);
  }

  saker_ring_head* head() { return static_cast<saker_ring_head*>(ring_.data()); }
  saker_ring_tail* tail() { return static_cast<saker_ring_tail*>(tail_.data()); }

  // Commits the bytes, or counts them as lost if they do not fit.
  bool write(std::span<const std::byte> bytes) {
    std::atomic_ref seen(head()->seen), written(head()->written), lost(head()->lost);
    seen.fetch_add(1, std::memory_order_relaxed);
    std::uint64_t at = head()->head;
    if (at + bytes.size() - std::atomic_ref(tail()->tail).load(std::memory_order_acquire) > size_) {
      lost.fetch_add(1, std::memory_order_relaxed);
      return false;
    }
    copy(at & (size_ - 1), bytes);
    std::atomic_ref(head()->head).store(at + bytes.size(), std::memory_order_release);
    written.fetch_add(1, std::memory_order_relaxed);
    return true;
  }

 private:
  void copy(std::size_t offset, std::span<const std::byte> bytes) {
    std::memcpy(data_ + offset, bytes.data(), bytes.size());
    std::size_t behind = offset + bytes.size();
    if (behind > size_) std::memcpy(data_, data_ + size_, behind - size_);
    if (offset < size_) {
      std::size_t first = std::min(bytes.size(), size_ - offset);
      std::memcpy(data_ + size_ + offset, data_ + offset, first);
    }
  }

  std::size_t size_;
  capture::Mapping ring_, tail_;
  std::byte* data_ = nullptr;
};

class FakeDevice {
 public:
  FakeDevice(unsigned cpus, std::size_t life_bytes, std::size_t event_bytes)
      : fd_(::memfd_create("rings", MFD_CLOEXEC)) {
    // Sparse: only pages that are touched exist.
    (void)!::ftruncate(fd_.get(), static_cast<off_t>(saker_mmap_offset(cpus, 0, 0)));
    for (unsigned cpu = 0; cpu < cpus; cpu++)
      for (unsigned lane = 0; lane < SAKER_LANES; lane++)
        rings_.emplace_back(fd_.get(), cpu, lane,
                            lane == SAKER_LANE_LIFE ? life_bytes : event_bytes);
  }
  int fd() const { return fd_.get(); }
  FakeRing& ring(unsigned cpu, unsigned lane) { return rings_[cpu * SAKER_LANES + lane]; }

 private:
  Fd fd_;
  std::vector<FakeRing> rings_;
};

}  // namespace saker::test
