// SPDX-License-Identifier: Apache-2.0
// Merges sources that are each in the order of time: a tournament, in which each inner node keeps
// the key that lost there. A step compares once at each level, at places that do not depend on the
// results, so the processor waits neither for memory nor for a branch that it guessed wrong.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace saker::run {

class MergeTree {
 public:
  struct Key {
    std::uint64_t ts;
    std::uint64_t place;  // of the source

    // Earlier first; of the same time, the lower place.
    bool operator<(const Key& other) const {
      return (ts < other.ts) | ((ts == other.ts) & (place < other.place));
    }
  };
  // Of a source that has nothing more: after all others.
  static constexpr std::uint64_t never = ~std::uint64_t{0};

  // keys[i] is that of place i; at least one.
  void begin(std::span<const Key> keys) {
    leaves_ = std::bit_ceil(keys.size());
    losers_.resize(leaves_);
    winners_.assign(2 * leaves_, Key{never, never});
    std::size_t leaf = leaves_;
    for (const Key& key : keys) winners_[leaf++] = key;
    for (std::size_t node = leaves_ - 1; node > 0; node--) {
      const Key &left = winners_[2 * node], &right = winners_[2 * node + 1];
      const bool swap = right < left;
      winners_[node] = swap ? right : left;
      losers_[node] = swap ? left : right;
    }
    front_ = winners_[1];
  }

  const Key& front() const { return front_; }
  // The next key of the source at the front.
  void replace_front(std::uint64_t ts) {
    Key moved{ts, front_.place};
    for (std::size_t node = (leaves_ + moved.place) / 2; node > 0; node /= 2) {
      const Key kept = losers_[node];
      const bool swap = kept < moved;
      losers_[node] = swap ? moved : kept;
      moved = swap ? kept : moved;
    }
    front_ = moved;
  }

 private:
  std::size_t leaves_ = 1;
  std::vector<Key> losers_;   // by node: the children of n are 2n and 2n + 1
  std::vector<Key> winners_;  // only for begin()
  Key front_{never, never};
};

}  // namespace saker::run
