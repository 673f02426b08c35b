// SPDX-License-Identifier: Apache-2.0
// The results that match/ has computed for one process image: a verdict for each predicate that
// depends only on the process. Any number of threads and programs use it at the same time: each
// word carries a tag for the program and the epoch for which it was written. So one load shows
// whether the word is valid, and words of different programs displace each other without harm. The
// writer of the process table calls forget() after it redirected a link of the image, and renew()
// before it uses the memory for another image. Most images of a program that changes its
// credentials all the time are never matched: the words are made when the first verdict is kept.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>

namespace saker::enrich {

class ProcessCache {
 public:
  static constexpr unsigned bits_per_word = 22;
  static constexpr unsigned words = 32;
  static constexpr unsigned capacity = words * bits_per_word;
  static constexpr std::uint32_t tag_mask = (1u << 20) - 1;

  ProcessCache() = default;
  ~ProcessCache();
  ProcessCache(const ProcessCache&) = delete;
  ProcessCache& operator=(const ProcessCache&) = delete;

  enum class Verdict : std::uint8_t { unknown, no, yes };

  // [epoch-forget]: a reader that sees the new epoch sees the redirected links.
  void forget() { epoch_.fetch_add(1, std::memory_order_release); }
  // Without readers.
  void renew() {
    epoch_.store(epoch_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    if (Words* words = words_.load(std::memory_order_relaxed); words != &none_) words->clear();
  }
  // Read it before the links; pairs with [epoch-forget]. `program` is never 0.
  std::uint32_t tag(std::uint32_t program) const {
    const auto epoch = static_cast<std::uint32_t>(epoch_.load(std::memory_order_acquire));
    const std::uint32_t tag = (program + epoch * 0x9e37u) & tag_mask;
    return tag ? tag : 1;
  }
  // A number for the state that a cached verdict belongs to: one image between two calls of
  // forget(). No other image has it, also not one that is later at the same address. Read it before
  // the links; pairs with [epoch-forget].
  std::uint64_t state() const { return epoch_.load(std::memory_order_acquire); }

  // Relaxed order of a word is enough: it depends on nothing else. Pairs with [words-made].
  Verdict find(unsigned bit, std::uint32_t tag) const {
    const Words& words = *words_.load(std::memory_order_acquire);
    std::uint64_t word = words.at[bit / bits_per_word].load(std::memory_order_relaxed);
    if (word >> tag_shift != tag) return Verdict::unknown;
    word >>= 2 * (bit % bits_per_word);
    return word & 1 ? (word & 2 ? Verdict::yes : Verdict::no) : Verdict::unknown;
  }
  // If another thread's word displaces it, the verdict is computed again later.
  void keep(unsigned bit, std::uint32_t tag, bool yes) {
    Words* words = words_.load(std::memory_order_acquire);  // pairs with [words-made]
    if (words == &none_) words = make_words();
    std::atomic<std::uint64_t>& at = words->at[bit / bits_per_word];
    std::uint64_t old = at.load(std::memory_order_relaxed);
    std::uint64_t word = old;
    if (old >> tag_shift != tag) {
      word = std::uint64_t{tag} << tag_shift;
      words->used.fetch_or(1u << (bit / bits_per_word), std::memory_order_relaxed);
    }
    word |= std::uint64_t{yes ? 3u : 1u} << (2 * (bit % bits_per_word));
    at.compare_exchange_strong(old, word, std::memory_order_relaxed);
  }

 private:
  static constexpr unsigned tag_shift = 2 * bits_per_word;
  static_assert(words <= 32);
  struct Words {
    std::array<std::atomic<std::uint64_t>, words> at{};
    std::atomic<std::uint32_t> used{0};  // by word: whether it was written

    void clear() {
      std::uint32_t left = used.exchange(0, std::memory_order_relaxed);
      for (; left; left &= left - 1)
        at[static_cast<unsigned>(std::countr_zero(left))].store(0, std::memory_order_relaxed);
    }
  };

  // Each image counts from a number of its own: only that they differ matters, so relaxed order is
  // enough.
  static std::uint64_t first_epoch() {
    static std::atomic<std::uint64_t> next{1};
    return next.fetch_add(1, std::memory_order_relaxed) << 32;
  }

  Words* make_words();

  static Words none_;
  std::atomic<std::uint64_t> epoch_{first_epoch()};
  // Never null, so that find() needs no test: no tag is 0.
  std::atomic<Words*> words_{&none_};
};

}  // namespace saker::enrich
