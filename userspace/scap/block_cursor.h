// SPDX-License-Identifier: Apache-2.0
// Reads numbers and texts from the body of a block, never beyond its end: once a read did not fit,
// `ok` stays false and all reads return 0 or empty. A view; one thread.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace saker::scap {

template <std::unsigned_integral T>
T swap_bytes(T value) {
  if constexpr (sizeof(T) == 8) return __builtin_bswap64(value);
  if constexpr (sizeof(T) == 4) return __builtin_bswap32(value);
  if constexpr (sizeof(T) == 2) return __builtin_bswap16(value);
  return value;
}

class BlockCursor {
 public:
  // swapped: the numbers are not in this machine's byte order.
  BlockCursor(std::string_view bytes, bool swapped) : bytes_(bytes), swapped_(swapped) {}

  bool ok() const { return ok_; }
  std::size_t left() const { return bytes_.size() - at_; }
  std::size_t offset() const { return at_; }
  bool swapped() const { return swapped_; }

  std::string_view bytes(std::size_t count) {
    if (!ok_ || count > left()) {
      ok_ = false;
      return {};
    }
    std::string_view out = bytes_.substr(at_, count);
    at_ += count;
    return out;
  }
  template <std::unsigned_integral T>
  T number() {
    std::string_view from = bytes(sizeof(T));
    T value = 0;
    if (from.empty()) return value;
    std::memcpy(&value, from.data(), sizeof value);
    return swapped_ ? swap_bytes(value) : value;
  }
  std::uint8_t u8() { return number<std::uint8_t>(); }
  std::uint16_t u16() { return number<std::uint16_t>(); }
  std::uint32_t u32() { return number<std::uint32_t>(); }
  std::uint64_t u64() { return number<std::uint64_t>(); }
  std::int64_t i64() { return static_cast<std::int64_t>(u64()); }

  // A 16-bit length and that many bytes. `text` ends at the first NUL, `block` may contain NULs.
  std::string_view block() { return bytes(u16()); }
  std::string_view text() {
    std::string_view all = block();
    return all.substr(0, all.find('\0'));
  }
  // The next `count` bytes as a separate cursor; this cursor continues after them.
  BlockCursor part(std::size_t count) {
    BlockCursor out(bytes(count), swapped_);
    out.ok_ = ok_;
    return out;
  }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
  bool swapped_;
  bool ok_ = true;
};

}  // namespace saker::scap
