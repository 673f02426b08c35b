// SPDX-License-Identifier: Apache-2.0
#include "match/key_cache.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

namespace saker::match {
namespace {

constexpr std::size_t fewest_buckets = 16;
// Offset 0 holds a sentinel that equals no key; empty bucket entries point to it.
constexpr std::uint32_t no_place = 0;
constexpr std::size_t first_place = 2;

// Moves the others back; the last one is dropped.
template <typename Array>
void push_front(Array& array, const typename Array::value_type& value) {
  std::copy_backward(array.begin(), array.end() - 1, array.end());
  array[0] = value;
}

}  // namespace

KeyCache::KeyCache(std::size_t budget, std::size_t expected)
    : size_(first_place + budget / 8),
      kept_(std::make_unique_for_overwrite<std::uint64_t[]>(size_)),
      next_(first_place),
      oldest_(first_place),
      end_(first_place),
      mask_(std::max(fewest_buckets, std::bit_ceil(expected / ways)) - 1),
      buckets_(mask_ + 1) {
  Head nothing{0, std::numeric_limits<std::uint32_t>::max(), 0};
  std::memcpy(&kept_[no_place], &nothing, sizeof(nothing));
}

std::uint64_t* KeyCache::admit(std::string_view key, std::uint64_t hash, std::size_t words) {
  Bucket& bucket = buckets_[hash & mask_];
  std::uint32_t sight = tag_of(hash) | 1;  // never 0, which marks an empty place
  if (std::find(bucket.seen.begin(), bucket.seen.end(), sight) == bucket.seen.end()) {
    push_front(bucket.seen, sight);
    return nullptr;
  }
  return put(key, hash, words);
}

std::uint64_t* KeyCache::put(std::string_view key, std::uint64_t hash, std::size_t words) {
  std::size_t index = hash & mask_;
  Bucket& bucket = buckets_[index];
  Head head{static_cast<std::uint32_t>(index), static_cast<std::uint32_t>(key.size()),
            head_words + words_of(key.size()) + words};
  std::size_t place = make_room(head.words);
  if (place == 0) return nullptr;
  push_front(bucket.tags, tag_of(hash));
  push_front(bucket.places, static_cast<std::uint32_t>(place));
  std::uint64_t* at = &kept_[place];
  std::memcpy(at, &head, sizeof(head));
  std::memcpy(at + head_words, key.data(), key.size());
  return at + head_words + words_of(key.size());
}

// 0 if it is larger than the whole memory.
std::size_t KeyCache::make_room(std::size_t words) {
  if (words > size_ - first_place) return 0;
  if (next_ + words > size_) {
    while (oldest_ < end_) drop_oldest();
    end_ = next_;
    next_ = oldest_ = first_place;
  }
  while (oldest_ < end_ && oldest_ < next_ + words) drop_oldest();
  next_ += words;
  return next_ - words;
}

void KeyCache::drop_oldest() {
  Head head;
  std::memcpy(&head, &kept_[oldest_], sizeof(head));
  for (std::uint32_t& place : buckets_[head.bucket].places) {
    if (place == oldest_) place = no_place;
  }
  oldest_ += head.words;
}

void KeyCache::clear() {
  std::fill(buckets_.begin(), buckets_.end(), Bucket{});
  next_ = oldest_ = end_ = first_place;
}

}  // namespace saker::match
