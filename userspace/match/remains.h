// SPDX-License-Identifier: Apache-2.0
// The entries of one event that all its facets leave possible: an intersection of sets that is
// looked at without being made. A set is a bit for each entry, with a bit before them for each word
// of these that has any, and behind them a bit for each entry that was looked at more closely. One
// thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "match/facet.h"

namespace saker::match {

class Remains {
 public:
  // Of `count` entries: all of them.
  explicit Remains(std::uint32_t count) : count_(count) {}

  // Words of bits, of their heads, and of a set.
  static std::size_t bit_words(std::uint32_t count) { return (count + 63) / 64; }
  static std::size_t head_words(std::uint32_t count) { return (bit_words(count) + 63) / 64; }
  static std::size_t words(std::uint32_t count) { return head_words(count) + 2 * bit_words(count); }
  // Fills the head of a set whose bits are there; none of its entries was looked at.
  static void finish(std::uint64_t* set, std::uint32_t count);

  // The set must stay until the last question.
  void narrow(Facet facet, std::uint64_t* set) { sets_[used_++] = {facet, set}; }
  bool possible(std::uint32_t position) const;
  // Their positions, ascending, if there is room for all; else a number above that of `out`.
  std::size_t list(std::span<std::uint32_t> out) const;

  std::size_t sets() const { return used_; }
  Facet facet(std::size_t index) const { return sets_[index].facet; }
  // The first of those left that were not looked at in this set, as many as there is room for.
  std::size_t unseen(std::size_t index, std::span<std::uint32_t> out) const;
  // That one was now.
  void look_at(std::size_t index, std::uint32_t position, bool possible);

 private:
  struct Set {
    Facet facet;
    std::uint64_t* words;
  };

  // Calls `use` with the number and the bits of each word that has any, until it says no.
  template <typename Use>
  void each_word(Use use) const;

  std::uint32_t count_;
  std::size_t used_ = 0;
  std::array<Set, facet_count> sets_;
};

}  // namespace saker::match
