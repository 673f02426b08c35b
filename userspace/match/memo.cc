// SPDX-License-Identifier: Apache-2.0
#include "match/memo.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace saker::match {
namespace {

constexpr std::size_t fewest_buckets = 16;

std::uint32_t tag_of(std::uint64_t hash) { return static_cast<std::uint32_t>(hash >> 32); }

}  // namespace

Memo::Memo(std::size_t key_room, std::size_t words, std::size_t budget)
    : key_room_((key_room + 7) & ~std::size_t{7}),
      words_(words),
      slot_words_(words_ + key_room_ / 8) {
  std::size_t buckets =
      std::max(fewest_buckets, std::bit_floor(budget / (slot_words_ * 8 * ways)));
  mask_ = buckets - 1;
  heads_.resize(buckets * ways);
  slots_.resize(buckets * ways * slot_words_);
  seen_.resize(buckets);
  older_.resize(buckets);
}

const std::uint64_t* Memo::find(std::string_view key, std::uint64_t hash) const {
  std::size_t slot = bucket(hash);
  for (unsigned way = 0; way < ways; way++, slot++) {
    const Head& head = heads_[slot];
    if (head.tag != tag_of(hash) || head.length != key.size()) continue;
    const std::uint64_t* at = value(slot);
    if (std::memcmp(at + words_, key.data(), key.size()) == 0) return at;
  }
  return nullptr;
}

std::uint64_t* Memo::admit(std::string_view key, std::uint64_t hash) {
  std::size_t first = bucket(hash), index = first / ways;
  std::uint32_t tag = tag_of(hash) | 1;  // never the 0 of a place where nothing was seen
  if (seen_[index] != tag) {
    seen_[index] = tag;
    return nullptr;
  }
  std::size_t slot = first + older_[index];
  older_[index] ^= 1;
  heads_[slot] = {tag_of(hash), static_cast<std::uint32_t>(key.size())};
  std::uint64_t* at = value(slot);
  std::memcpy(at + words_, key.data(), key.size());
  return at;
}

void Memo::clear() {
  std::fill(heads_.begin(), heads_.end(), Head{});
  std::fill(seen_.begin(), seen_.end(), 0);
}

}  // namespace saker::match
