// SPDX-License-Identifier: Apache-2.0
// The hash for tables and checksums: xxHash (XXH3, 64 bits), inlined for the short keys of the hot
// path. It is stable: a compiled program may contain hashes computed on another machine.
#pragma once

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cstdint>
#include <string_view>

namespace saker {

inline std::uint64_t hash_bytes(std::string_view bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

inline std::uint64_t hash_number(std::uint64_t n) {
  n ^= n >> 32;
  n *= 0x9e3779b97f4a7c15u;
  return n ^ n >> 29;
}

}  // namespace saker
