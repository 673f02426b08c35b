// SPDX-License-Identifier: Apache-2.0
// Numbers and texts in a recording's blocks (docs/recording.md). A ByteReader never reads beyond
// its bytes, whatever they contain: missing values read as 0 or "", and then ok() is false.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

namespace saker::recording {

static_assert(std::endian::native == std::endian::little);

inline std::uint64_t zigzag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}
inline std::uint64_t unzigzag(std::uint64_t value) { return (value >> 1) ^ -(value & 1); }

// Seven bits per byte, lowest first; the top bit says that more bytes follow.
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
  // Reads a row of numbers, most of which are one byte long, and stores what `make` returns for
  // each.
  template <typename Make>
  void numbers(std::span<std::uint64_t> to, Make make) {
    constexpr std::size_t group = sizeof(std::uint64_t);
    std::size_t i = 0;
    for (; to.size() - i >= group && left() >= group * longest; i += group) {
      std::uint64_t word;
      std::memcpy(&word, at_, sizeof word);
      if (word & tops) {
        for (std::size_t k = 0; k < group; k++) to[i + k] = make(number_within());
      } else {
        for (std::size_t k = 0; k < group; k++) to[i + k] = make(word >> 8 * k & 0xff);
        at_ += group;
      }
    }
    for (; i < to.size(); i++) to[i] = make(left() < longest ? number() : number_within());
  }
  // The bytes of so many numbers, without their values; afterwards numbers() can read them without
  // an error.
  std::string_view skip_numbers(std::size_t count) {
    const char* begin = at_;
    std::size_t open = 0;  // bytes of the number that has not ended yet
    bool good = true;
    for (; count > sizeof(std::uint64_t) && left() >= sizeof(std::uint64_t); at_ += 8) {
      std::uint64_t word;
      std::memcpy(&word, at_, sizeof word);
      const std::uint64_t ends = ~word & tops;
      if (ends == tops) {
        good &= open < longest;
        open = 0;
        count -= sizeof word;
        continue;
      }
      // One bit for each number that ends here; the product adds them up.
      count -= (ends >> 7) * 0x0101010101010101 >> 56;
      good &= open + static_cast<std::size_t>(std::countr_zero(ends)) / 8 < longest;
      open = ends ? static_cast<std::size_t>(std::countl_zero(ends)) / 8 : open + 8;
    }
    for (; count && at_ < end_; at_++) {
      const bool end = static_cast<unsigned char>(*at_) < 0x80;
      good &= open < longest;
      open = end ? 0 : open + 1;
      count -= end;
    }
    const std::string_view all(begin, static_cast<std::size_t>(at_ - begin));
    if (count || !good) fail();
    return all;
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
  static constexpr std::size_t longest = 10;  // bytes of a number
  static constexpr std::uint64_t tops = 0x8080808080808080;

  // Like number(), for a place where the longest number would fit: decodes up to eight bytes at
  // once, because lengths are hard to predict.
  std::uint64_t number_within() {
    if (const unsigned char byte = static_cast<unsigned char>(*at_); byte < 0x80)
      return at_++, byte;
    std::uint64_t word;
    std::memcpy(&word, at_, sizeof word);
    const std::uint64_t ends = ~word & tops;
    if (ends == 0) return number();
    const int last = std::countr_zero(ends);
    at_ += last / 8 + 1;
    word &= ~std::uint64_t{0} >> (63 - last);
    word = ((word & 0x7f007f007f007f00) >> 1) | (word & 0x007f007f007f007f);
    word = ((word & 0x3fff00003fff0000) >> 2) | (word & 0x00003fff00003fff);
    return ((word & 0x0fffffff00000000) >> 4) | (word & 0x000000000fffffff);
  }
  void fail() {
    ok_ = false;
    at_ = end_;
  }

  const char* at_;
  const char* end_;
  bool ok_ = true;
};

}  // namespace saker::recording
