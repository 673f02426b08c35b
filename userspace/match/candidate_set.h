// SPDX-License-Identifier: Apache-2.0
// The entries of one event that all its cache keys leave possible: an intersection of sets that is
// read without being computed. A set has three parts: a summary with one bit for each non-empty
// word, one bit for each entry, and one bit for each entry that was tested further. One thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "match/cache_key.h"

namespace saker::match {

class CandidateSet {
 public:
  // Starts with all of `count` entries.
  explicit CandidateSet(std::uint32_t count) : count_(count) {}

  // Sizes in words: of the entry bits, of their summary, and of a whole set.
  static std::size_t bit_words(std::uint32_t count) { return (count + 63) / 64; }
  static std::size_t head_words(std::uint32_t count) { return (bit_words(count) + 63) / 64; }
  static std::size_t words(std::uint32_t count) { return head_words(count) + 2 * bit_words(count); }
  // Fills the summary of a set whose entry bits are set; marks no entry as tested.
  static void finish(std::uint64_t* set, std::uint32_t count);

  // The set must stay valid until the last call.
  void narrow(CacheKind kind, std::uint64_t* set) { sets_[used_++] = {kind, set}; }
  bool possible(std::uint32_t position) const;
  // Writes their positions, ascending, if `out` has space for all; otherwise returns a number
  // larger than its size.
  std::size_t list(std::span<std::uint32_t> out) const;

  std::size_t sets() const { return used_; }
  CacheKind kind(std::size_t index) const { return sets_[index].kind; }
  // The first of the remaining entries that were not tested in this set, as many as fit.
  std::size_t unseen(std::size_t index, std::span<std::uint32_t> out) const;
  // The same among `left`, the whole list of the remaining entries; `out` has space for all.
  std::size_t unseen(std::size_t index, std::span<const std::uint32_t> left,
                     std::span<std::uint32_t> out) const;
  // Marks an entry as tested.
  void mark_seen(std::size_t index, std::uint32_t position, bool possible);

 private:
  struct Set {
    CacheKind kind;
    std::uint64_t* words;
  };

  // Calls `use` with the number and the bits of each non-empty word, until it returns false.
  template <typename Use>
  void each_word(Use use) const;

  std::uint32_t count_;
  std::size_t used_ = 0;
  std::array<Set, cache_kind_count> sets_;
};

}  // namespace saker::match
