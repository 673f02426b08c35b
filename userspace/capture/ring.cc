// SPDX-License-Identifier: Apache-2.0
#include "capture/ring.h"

#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <utility>

namespace saker::capture {
namespace {

// The other side stores while we load: every access is atomic, so that neither the compiler nor the
// thread sanitizer sees a race. atomic_ref needs a mutable object; the page is mapped read-only,
// and is only read.
template <typename T>
std::uint64_t load(const T& value, std::memory_order order = std::memory_order_relaxed) {
  return std::atomic_ref<T>(const_cast<T&>(value)).load(order);
}

std::string ring_name(unsigned cpu, unsigned lane) {
  return "ring of CPU " + std::to_string(cpu) + ", lane " + std::to_string(lane);
}

}  // namespace

Mapping::Mapping(Mapping&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

Mapping& Mapping::operator=(Mapping&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

Mapping::~Mapping() {
  if (data_) ::munmap(data_, size_);
}

Result<Mapping> Mapping::map(int fd, std::uint64_t offset, std::size_t bytes, int protection) {
  void* at = ::mmap(nullptr, bytes, protection, MAP_SHARED, fd, static_cast<off_t>(offset));
  if (at == MAP_FAILED) return Error::from_errno("mmap of " + std::to_string(bytes) + " bytes");
  Mapping out;
  out.data_ = at;
  out.size_ = bytes;
  return out;
}

Result<Ring> Ring::map(int fd, unsigned cpu, unsigned lane, std::size_t data_bytes) {
  const std::size_t page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const std::size_t begin = saker_ring_data(page);
  Result<Mapping> ring = Mapping::map(fd, saker_mmap_offset(cpu, lane, SAKER_PART_RING),
                                      begin + 2 * data_bytes, PROT_READ);
  if (!ring) return Error{ring_name(cpu, lane) + ": " + ring.error().message, ring.error().code};
  Result<Mapping> tail =
      Mapping::map(fd, saker_mmap_offset(cpu, lane, SAKER_PART_TAIL), page, PROT_READ | PROT_WRITE);
  if (!tail)
    return Error{ring_name(cpu, lane) + ", tail: " + tail.error().message, tail.error().code};
  Ring out;
  out.ring_ = std::move(*ring);
  out.tail_map_ = std::move(*tail);
  out.data_ = static_cast<const std::byte*>(out.ring_.data()) + begin;
  out.size_ = data_bytes;
  if (out.head()->data_size != data_bytes)
    return Error{ring_name(cpu, lane) + " has " + std::to_string(out.head()->data_size) +
                 " bytes where " + std::to_string(data_bytes) + " were asked for"};
  out.tail_ = load(out.tail_page()->tail);
  return out;
}

std::span<const std::byte> Ring::peek() {
  // Pairs with [ring-head]: the bytes before the head are complete records.
  std::uint64_t head = load(this->head()->head, std::memory_order_acquire);
  std::uint64_t waiting = head - tail_;
  if (waiting > size_ || waiting % 8) {
    // Our module never does that. Nothing in between is known to be a record: start again at the
    // head.
    std::atomic_ref(bad_heads_).fetch_add(1, std::memory_order_relaxed);
    tail_ = head & ~std::uint64_t{7};
    consume(0);
    return {};
  }
  return {data_ + (tail_ & (size_ - 1)), static_cast<std::size_t>(waiting)};
}

void Ring::consume(std::size_t bytes) {
  tail_ += bytes;
  // [ring-tail]: every read of these bytes is done before the producer may write over them.
  std::atomic_ref(tail_page()->tail).store(tail_, std::memory_order_release);
}

RingCounters Ring::counters() const {
  // Each number is correct by itself; they are consistent only while the CPU is not writing a
  // record.
  const saker_ring_head& h = *head();
  RingCounters out;
  out.written = load(h.written);
  out.lost = load(h.lost);
  out.seen = load(h.seen);
  out.lost_bytes = load(h.lost_bytes);
  out.first_lost_ts = load(h.first_lost_ts);
  out.last_lost_ts = load(h.last_lost_ts);
  std::uint64_t tail = load(tail_page()->tail);
  std::uint64_t waiting = load(h.head) - tail;
  out.waiting_bytes = waiting <= size_ ? waiting : 0;
  out.size_bytes = size_;
  out.bad_heads = load(bad_heads_);
  return out;
}

std::uint32_t Ring::cpus() const {
  // Pairs with [ring-count]: this many rings can be mapped.
  return std::atomic_ref(const_cast<std::uint32_t&>(head()->cpus)).load(std::memory_order_acquire);
}

std::uint64_t Ring::lost_of(std::uint16_t type) const {
  return type < std::size(head()->lost_by_type) ? load(head()->lost_by_type[type]) : 0;
}

}  // namespace saker::capture
