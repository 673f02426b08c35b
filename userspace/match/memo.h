// SPDX-License-Identifier: Apache-2.0
// Sets of entries by the value that left them possible: the same paths, processes and programs come
// again and again. Fixed in size, exact (a key is compared, not its hash alone), and kept from the
// second sight on, so that values that never come again displace nothing. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace saker::match {

class Memo {
 public:
  // Keys of up to `key_room` bytes, values of `words` words, in about `budget` bytes.
  Memo(std::size_t key_room, std::size_t words, std::size_t budget);

  // Null where the key is not kept.
  const std::uint64_t* find(std::string_view key, std::uint64_t hash) const;
  // Of a key that is not kept: where its value goes, for the caller to fill; null at the first
  // sight.
  std::uint64_t* admit(std::string_view key, std::uint64_t hash);
  void clear();

  std::size_t key_room() const { return key_room_; }

 private:
  static constexpr unsigned ways = 2;
  struct Head {
    std::uint32_t tag = 0;     // half of the hash
    std::uint32_t length = 0;  // of the key; 0: free
  };

  std::uint64_t* value(std::size_t slot) { return slots_.data() + slot * slot_words_; }
  const std::uint64_t* value(std::size_t slot) const { return slots_.data() + slot * slot_words_; }
  std::size_t bucket(std::uint64_t hash) const { return (hash & mask_) * ways; }

  std::size_t key_room_, words_, slot_words_, mask_;
  std::vector<Head> heads_;           // by slot
  std::vector<std::uint64_t> slots_;  // value and key, by slot
  std::vector<std::uint32_t> seen_;   // by bucket: half of the hash of the last one not kept
  std::vector<std::uint8_t> older_;   // by bucket: the way to be taken next
};

}  // namespace saker::match
