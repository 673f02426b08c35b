// SPDX-License-Identifier: Apache-2.0
// A cache of sets of entries, by the value that left them possible: the same paths, processes and
// programs repeat often. Fixed in size and exact (the key is compared, not only its hash). A key is
// stored only when it is seen for the second time, so that values that never repeat displace
// nothing. Items of different lengths are stored one after the other and are evicted in the order
// in which they came. One thread.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace saker::match {

class KeyCache {
 public:
  // Uses about `budget` bytes, sized for about `expected` keys.
  KeyCache(std::size_t budget, std::size_t expected);

  // Null if the key is not cached.
  std::uint64_t* find(std::string_view key, std::uint64_t hash) {
    return find(key.data(), key.size(), hash);
  }
  // The same for a key that is this number of words.
  template <std::size_t words>
  std::uint64_t* find(const std::array<std::uint64_t, words>& key, std::uint64_t hash) {
    return find(key.data(), sizeof(key), hash);
  }
  // For a key that is not cached: a place of `words` words for its value, which the caller fills;
  // null when the key is seen for the first time, or the value is larger than the cache.
  std::uint64_t* admit(std::string_view key, std::uint64_t hash, std::size_t words);
  // The same, but also when the key is seen for the first time: for a value whose first lookup
  // costs as much as storing it.
  std::uint64_t* put(std::string_view key, std::uint64_t hash, std::size_t words);
  void clear();

 private:
  static constexpr unsigned ways = 4;
  // The newest first; one cache line.
  struct alignas(64) Bucket {
    std::array<std::uint32_t, ways> tags{}, places{};  // half of the hash; position in `kept_`
    std::array<std::uint32_t, 8> seen{};  // half of the hashes of keys that are not cached
  };
  // Header of an item; its key and its value follow.
  struct Head {
    std::uint32_t bucket, key_size;
    std::uint64_t words;  // total length, including this header
  };
  static constexpr std::size_t head_words = sizeof(Head) / 8;

  static std::size_t words_of(std::size_t bytes) { return (bytes + 7) / 8; }
  // Inlined, because a size that the compiler knows makes the comparison a few instructions.
  [[gnu::always_inline]] std::uint64_t* find(const void* key, std::size_t size,
                                             std::uint64_t hash) {
    const Bucket& bucket = buckets_[hash & mask_];
    for (unsigned alike = ways_like(bucket, hash); alike; alike &= alike - 1) {
      std::uint64_t* at = &kept_[bucket.places[static_cast<unsigned>(std::countr_zero(alike))]];
      if (size_of(at) == size && std::memcmp(at + head_words, key, size) == 0)
        return at + head_words + words_of(size);
    }
    return nullptr;
  }

  // Compares all of them at once: which one matches cannot be predicted.
  static unsigned ways_like(const Bucket& bucket, std::uint64_t hash) {
    unsigned alike = 0;
    for (unsigned way = 0; way < ways; way++)
      alike |= unsigned{bucket.tags[way] == tag_of(hash)} << way;
    return alike;
  }
  static std::uint32_t tag_of(std::uint64_t hash) { return static_cast<std::uint32_t>(hash >> 32); }
  // Of the key of the item at this place.
  static std::uint32_t size_of(const std::uint64_t* at) {
    std::uint32_t size;
    std::memcpy(&size, reinterpret_cast<const char*>(at) + offsetof(Head, key_size), sizeof(size));
    return size;
  }

  std::size_t make_room(std::size_t words);
  void drop_oldest();

  std::size_t size_;
  std::unique_ptr<std::uint64_t[]> kept_;  // no page of it is touched before it is needed
  std::size_t next_, oldest_,
      end_;  // where the next item goes; position of the oldest item, and the end of the used part
  std::size_t mask_;
  std::vector<Bucket> buckets_;
};

}  // namespace saker::match
