// SPDX-License-Identifier: Apache-2.0
// What match/ has found out about one process image: a verdict for each predicate that looks at the
// process alone. Any number of threads and of programs at once: each word carries the tag of the
// program and of the epoch it was written for, so one load shows whether it is valid, and words of
// different programs displace each other harmlessly. The writer of the process table calls forget()
// after it turned a link of the image elsewhere.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

namespace saker::enrich {

class VerdictCache {
 public:
  static constexpr unsigned bits_per_word = 22;
  static constexpr unsigned words = 32;
  static constexpr unsigned capacity = words * bits_per_word;
  static constexpr std::uint32_t tag_mask = (1u << 20) - 1;

  enum class Verdict : std::uint8_t { unknown, no, yes };

  // What a verdict found elsewhere was found for: one image between two calls of forget(), whatever
  // image is at its address later.
  struct State {
    std::uint64_t identity = 0, epoch = 0;
  };

  // [epoch-forget]: a reader of the new epoch sees the links as they were turned before.
  void forget() { epoch_.fetch_add(1, std::memory_order_release); }
  // How often forget() was called.
  std::uint32_t epoch() const { return epoch_.load(std::memory_order_acquire); }
  // To be read before the links are; pairs with [epoch-forget]. `program` is never 0.
  std::uint32_t tag(std::uint32_t program) const {
    std::uint32_t tag = (program + epoch_.load(std::memory_order_acquire) * 0x9e37u) & tag_mask;
    return tag ? tag : 1;
  }
  // To be read before the links are; pairs with [epoch-forget].
  State state() const { return {identity_, epoch_.load(std::memory_order_acquire)}; }

  // Relaxed order does: a word is all there is to read.
  Verdict find(unsigned bit, std::uint32_t tag) const {
    std::uint64_t word = words_[bit / bits_per_word].load(std::memory_order_relaxed);
    if (word >> tag_shift != tag) return Verdict::unknown;
    word >>= 2 * (bit % bits_per_word);
    return word & 1 ? (word & 2 ? Verdict::yes : Verdict::no) : Verdict::unknown;
  }
  // A verdict lost to another thread's is found anew later.
  void keep(unsigned bit, std::uint32_t tag, bool yes) {
    std::atomic<std::uint64_t>& at = words_[bit / bits_per_word];
    std::uint64_t old = at.load(std::memory_order_relaxed);
    std::uint64_t word = old >> tag_shift == tag ? old : std::uint64_t{tag} << tag_shift;
    word |= std::uint64_t{yes ? 3u : 1u} << (2 * (bit % bits_per_word));
    at.compare_exchange_strong(old, word, std::memory_order_relaxed);
  }

 private:
  static constexpr unsigned tag_shift = 2 * bits_per_word;

  // A number that no other image has: only its difference counts, so relaxed order does.
  static std::uint64_t next_identity() {
    static std::atomic<std::uint64_t> next{1};
    return next.fetch_add(1, std::memory_order_relaxed);
  }

  const std::uint64_t identity_ = next_identity();
  std::atomic<std::uint32_t> epoch_{0};
  std::array<std::atomic<std::uint64_t>, words> words_{};
};

}  // namespace saker::enrich
