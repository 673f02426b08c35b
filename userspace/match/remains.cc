// SPDX-License-Identifier: Apache-2.0
#include "match/remains.h"

#include <bit>
#include <numeric>

namespace saker::match {

void Remains::fill_head(std::uint64_t* set, std::uint32_t count) {
  const std::uint64_t* bits = set + head_words(count);
  for (std::size_t i = 0; i < head_words(count); i++) set[i] = 0;
  for (std::size_t i = 0; i < bit_words(count); i++)
    set[i / 64] |= std::uint64_t{bits[i] != 0} << i % 64;
}

bool Remains::possible(std::uint32_t position) const {
  std::size_t at = head_words(count_) + position / 64;
  for (std::size_t i = 0; i < used_; i++) {
    if (!(sets_[i][at] >> position % 64 & 1)) return false;
  }
  return true;
}

std::size_t Remains::list(std::span<std::uint32_t> out) const {
  if (used_ == 0) {
    if (count_ <= out.size()) std::iota(out.begin(), out.begin() + count_, 0);
    return count_;
  }
  std::size_t heads = head_words(count_), found = 0;
  auto common = [&](std::size_t at) {
    std::uint64_t word = sets_[0][at];
    for (std::size_t i = 1; i < used_; i++) word &= sets_[i][at];
    return word;
  };
  for (std::size_t i = 0; i < heads; i++) {
    for (std::uint64_t head = common(i); head; head &= head - 1) {
      std::size_t at = i * 64 + static_cast<std::size_t>(std::countr_zero(head));
      for (std::uint64_t word = common(heads + at); word; word &= word - 1) {
        if (found == out.size()) return found + 1;
        out[found++] =
            static_cast<std::uint32_t>(at * 64 + static_cast<std::size_t>(std::countr_zero(word)));
      }
    }
  }
  return found;
}

}  // namespace saker::match
