// SPDX-License-Identifier: Apache-2.0
// Numbers and texts in a recording's blocks (docs/recording.md). A ByteReader never reads beyond its bytes, whatever they
// are: what is missing reads as 0 or "", and ok() tells.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

namespace saker::capture::recording {

static_assert(std::endian::native == std::endian::little);

inline std::uint64_t zigzag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}
inline std::uint64_t unzigzag(std::uint64_t value) { return (value >> 1) ^ (~(value & 1) + 1); }

// Seven bits a byte, the lowest first; the top bit says that more follow.
inline void put_number(std::string& to, std::uint64_t value) {
  while (value >= 0x80) {
    to += static_cast<char>(value | 0x80);
    value >>= 7;
  }
  to += static_cast<char>(value);
}
inline unsigned number_length(std::uint64_t value) {
  return value == 0 ? 1 : (static_cast<unsigned>(std::bit_width(value)) + 6) / 7;
}

class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes)
      : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  bool ok() const { return ok_; }
  std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }

  std::uint64_t number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; at_ < end_ && shift < 64; shift += 7) {
      std::uint64_t byte = static_cast<unsigned char>(*at_++);
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    fail();
    return 0;
  }
  void numbers(std::span<std::uint64_t> to) {
    constexpr std::size_t longest = 10;
    for (std::uint64_t& value : to) value = left() < longest ? number() : number_within();
  }
  std::string_view bytes(std::uint64_t count) {
    if (count > left()) {
      fail();
      return {};
    }
    std::string_view out(at_, count);
    at_ += count;
    return out;
  }

 private:
  // As number(), where the longest one would lie within the bytes.
  std::uint64_t number_within() {
    std::uint64_t byte = static_cast<unsigned char>(*at_++), value = byte & 0x7f;
    for (unsigned shift = 7; byte >= 0x80; shift += 7) {
      if (shift >= 64) {
        fail();
        return 0;
      }
      byte = static_cast<unsigned char>(*at_++);
      value |= (byte & 0x7f) << shift;
    }
    return value;
  }
  void fail() {
    ok_ = false;
    at_ = end_;
  }

  const char* at_;
  const char* end_;
  bool ok_ = true;
};

}  // namespace saker::capture::recording
