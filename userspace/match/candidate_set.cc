// SPDX-License-Identifier: Apache-2.0
#include "match/candidate_set.h"

#include <algorithm>
#include <bit>
#include <numeric>

namespace saker::match {

void CandidateSet::finish(std::uint64_t* set, std::uint32_t count) {
  const std::uint64_t* bits = set + head_words(count);
  for (std::size_t i = 0; i < head_words(count); i++) set[i] = 0;
  for (std::size_t i = 0; i < bit_words(count); i++)
    set[i / 64] |= std::uint64_t{bits[i] != 0} << i % 64;
  std::fill_n(set + head_words(count) + bit_words(count), bit_words(count), 0);
}

bool CandidateSet::possible(std::uint32_t position) const {
  std::size_t at = head_words(count_) + position / 64;
  for (std::size_t i = 0; i < used_; i++) {
    if (!(sets_[i].words[at] >> position % 64 & 1)) return false;
  }
  return true;
}

template <typename Use>
void CandidateSet::each_word(Use use) const {
  const std::size_t heads = head_words(count_);
  auto common = [&](std::size_t at) {
    std::uint64_t word = sets_[0].words[at];
    for (std::size_t i = 1; i < used_; i++) word &= sets_[i].words[at];
    return word;
  };
  // Few words are read faster without their summary.
  if (const std::size_t words = bit_words(count_); words <= 2) {
    for (std::size_t at = 0; at < words; at++) {
      const std::uint64_t word = common(heads + at);
      if (word && !use(at, word)) return;
    }
    return;
  }
  for (std::size_t i = 0; i < heads; i++) {
    for (std::uint64_t head = common(i); head; head &= head - 1) {
      const std::size_t at = i * 64 + static_cast<std::size_t>(std::countr_zero(head));
      const std::uint64_t word = common(heads + at);
      if (word && !use(at, word)) return;
    }
  }
}

std::size_t CandidateSet::list(std::span<std::uint32_t> out) const {
  if (used_ == 0) {
    if (count_ <= out.size()) std::iota(out.begin(), out.begin() + count_, 0);
    return count_;
  }
  std::size_t found = 0;
  each_word([&](std::size_t at, std::uint64_t word) {
    for (; word; word &= word - 1) {
      if (found == out.size()) {
        found++;
        return false;
      }
      out[found++] =
          static_cast<std::uint32_t>(at * 64 + static_cast<std::size_t>(std::countr_zero(word)));
    }
    return true;
  });
  return found;
}

std::size_t CandidateSet::unseen(std::size_t index, std::span<std::uint32_t> out) const {
  const std::uint64_t* seen = sets_[index].words + head_words(count_) + bit_words(count_);
  std::size_t found = 0;
  each_word([&](std::size_t at, std::uint64_t word) {
    for (word &= ~seen[at]; word && found < out.size(); word &= word - 1)
      out[found++] =
          static_cast<std::uint32_t>(at * 64 + static_cast<std::size_t>(std::countr_zero(word)));
    return found < out.size();
  });
  return found;
}

std::size_t CandidateSet::unseen(std::size_t index, std::span<const std::uint32_t> left,
                                 std::span<std::uint32_t> out) const {
  const std::uint64_t* seen = sets_[index].words + head_words(count_) + bit_words(count_);
  std::size_t found = 0;
  for (std::uint32_t position : left) {
    if (!(seen[position / 64] >> position % 64 & 1)) out[found++] = position;
  }
  return found;
}

void CandidateSet::mark_seen(std::size_t index, std::uint32_t position, bool possible) {
  std::uint64_t* set = sets_[index].words;
  const std::size_t word = position / 64;
  const std::uint64_t bit = std::uint64_t{1} << position % 64;
  std::uint64_t& bits = set[head_words(count_) + word];
  set[head_words(count_) + bit_words(count_) + word] |= bit;
  if (possible) return;
  bits &= ~bit;
  if (!bits) set[word / 64] &= ~(std::uint64_t{1} << word % 64);
}

}  // namespace saker::match
