// SPDX-License-Identifier: Apache-2.0
// The entries of one event that all its facets leave possible: an intersection of sets that is
// looked at without being made. A set is a bit for each entry, with a bit before them for each word
// of these that has any. One thread.
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

  // Words of bits, of their heads, and of both.
  static std::size_t bit_words(std::uint32_t count) { return (count + 63) / 64; }
  static std::size_t head_words(std::uint32_t count) { return (bit_words(count) + 63) / 64; }
  static std::size_t words(std::uint32_t count) { return head_words(count) + bit_words(count); }
  // Fills the head of a set whose bits are there.
  static void fill_head(std::uint64_t* set, std::uint32_t count);

  // The set must stay until the last question.
  void narrow(const std::uint64_t* set) { sets_[used_++] = set; }
  bool possible(std::uint32_t position) const;
  // Their positions, ascending, if there is room for all; else a number above that of `out`.
  std::size_t list(std::span<std::uint32_t> out) const;

 private:
  std::uint32_t count_;
  std::size_t used_ = 0;
  std::array<const std::uint64_t*, facet_count> sets_;
};

}  // namespace saker::match
