// SPDX-License-Identifier: Apache-2.0
// Comparing sets of bits. Pure functions.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstring>
#include <type_traits>

namespace saker {

// Faster than operator==, which compares word by word: for what is asked at each event.
template <std::size_t count>
bool same_bits(const std::bitset<count>& a, const std::bitset<count>& b) {
  static_assert(std::is_trivially_copyable_v<std::bitset<count>> && sizeof(a) * 8 == count);
  return std::memcmp(&a, &b, sizeof(a)) == 0;
}

}  // namespace saker
