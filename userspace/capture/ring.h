// SPDX-License-Identifier: Apache-2.0
// The consumer's side of one ring of <saker/ring.h>: one CPU, one lane. peek and consume are called
// by one thread at a time; any thread may read the counters. Owns the two mappings.
#pragma once

#include <saker/ring.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/error.h"

namespace saker::capture {

// A mapping, unmapped with its owner.
class Mapping {
 public:
  Mapping() = default;
  Mapping(Mapping&& other) noexcept;
  Mapping& operator=(Mapping&& other) noexcept;
  ~Mapping();

  static Result<Mapping> map(int fd, std::uint64_t offset, std::size_t bytes, int protection);
  void* data() const { return data_; }

 private:
  void* data_ = nullptr;
  std::size_t size_ = 0;
};

struct RingCounters {
  std::uint64_t seen = 0, written = 0, lost = 0, lost_bytes = 0;
  std::uint64_t first_lost_ts = 0, last_lost_ts = 0;
  std::uint64_t waiting_bytes = 0, size_bytes = 0;
  std::uint64_t bad_heads =
      0;  // how often the head was impossible; the bytes before it were dropped
};

class Ring {
 public:
  // Without memory: only assignment is allowed.
  Ring() = default;
  // `data_bytes`: as passed to SETUP; `fd` is mapped as the device is.
  static Result<Ring> map(int fd, unsigned cpu, unsigned lane, std::size_t data_bytes);

  // Bytes that are committed and not consumed yet, contiguous thanks to the double mapping. Reads
  // the head with acquire.
  std::span<const std::byte> peek();
  // Gives the first `bytes` of it back to the producer; the caller must not access them any more.
  void consume(std::size_t bytes);

  RingCounters counters() const;
  // How many CPUs have rings; every head holds this number.
  std::uint32_t cpus() const;
  // Number of records of this type ever lost.
  std::uint64_t lost_of(std::uint16_t type) const;

 private:
  const saker_ring_head* head() const { return static_cast<const saker_ring_head*>(ring_.data()); }
  saker_ring_tail* tail_page() const { return static_cast<saker_ring_tail*>(tail_map_.data()); }

  Mapping ring_, tail_map_;
  const std::byte* data_ = nullptr;
  std::uint64_t size_ = 0;
  std::uint64_t tail_ = 0;  // copy of the value in the tail page
  std::uint64_t bad_heads_ = 0;
};

}  // namespace saker::capture
