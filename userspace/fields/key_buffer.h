// SPDX-License-Identifier: Apache-2.0
// The bytes of a key under which the matcher caches what a part of an event decided. The maker of a
// key calls begin(), then put() and the like, then whole(). If one of them reports that the key
// does not fit, there is no key.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace saker::fields {

class KeyBuffer {
 public:
  static constexpr std::size_t path_room = 264, program_room = 248, command_room = 504;

  void begin() { used_ = 0; }
  bool fits(std::size_t size, std::size_t room) const { return used_ + size <= room; }
  // Must fit.
  void put(const void* bytes, std::size_t size) {
    if (size) std::memcpy(bytes_ + used_, bytes, size);
    used_ += size;
  }
  void put(std::uint64_t word) { put(&word, sizeof(word)); }
  // For a number of which only the sign matters.
  void put_sign(std::int64_t number) {
    put(static_cast<std::uint64_t>(std::min<std::int64_t>(number, 1)));
  }
  // With its length. False: it does not fit.
  bool put_text(std::string_view text, std::size_t room) {
    if (!fits(4 + text.size(), room)) return false;
    auto length = static_cast<std::uint32_t>(text.size());
    put(&length, 4);
    put(text.data(), text.size());
    return true;
  }
  std::string_view whole() const { return {bytes_, used_}; }

 private:
  alignas(8) char bytes_[512];
  std::size_t used_ = 0;
};

}  // namespace saker::fields
