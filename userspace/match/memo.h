// SPDX-License-Identifier: Apache-2.0
// Sets of entries by the value that left them possible: the same paths, processes and programs come
// again and again. Fixed in size, exact (a key is compared, not its hash alone), and kept from the
// second sight on, so that values that never come again displace nothing. What is kept lies one
// behind the other, each as long as it is, and goes in the order it came. One thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace saker::match {

class Memo {
 public:
  // In about `budget` bytes, found among about `expected` keys.
  Memo(std::size_t budget, std::size_t expected);

  // Null where the key is not kept.
  std::uint64_t* find(std::string_view key, std::uint64_t hash);
  // Of a key that is not kept: where its value of `words` words goes, for the caller to fill; null
  // at the first sight, and for what is longer than the memo.
  std::uint64_t* admit(std::string_view key, std::uint64_t hash, std::size_t words);
  // The same at the first sight, of what costs as much to look at as to keep.
  std::uint64_t* put(std::string_view key, std::uint64_t hash, std::size_t words);
  void clear();

 private:
  static constexpr unsigned ways = 4;
  // The newest first; a line of the cache.
  struct alignas(64) Bucket {
    std::array<std::uint32_t, ways> tags{}, places{};  // half of the hash; where in `kept_`
    std::array<std::uint32_t, 8> seen{};  // half of the hashes of keys that were not kept
  };
  // Of what is kept; its key and its value follow.
  struct Head {
    std::uint32_t bucket, key_size;
    std::uint64_t words;  // of all, with this
  };
  static constexpr std::size_t head_words = sizeof(Head) / 8;

  std::size_t make_room(std::size_t words);
  void drop_oldest();

  std::size_t size_;
  std::unique_ptr<std::uint64_t[]> kept_;  // no page of it is touched before it is needed
  std::size_t next_, oldest_,
      end_;  // where the next one goes; the oldest one, and the end of those
  std::size_t mask_;
  std::vector<Bucket> buckets_;
};

}  // namespace saker::match
