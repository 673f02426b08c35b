// SPDX-License-Identifier: Apache-2.0
#include "lang/read/encoding.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace saker::lang {
namespace {

struct Encoding {
  std::size_t unit = 1;  // bytes of a code unit; 1: UTF-8
  bool big = false;      // the high byte first
  std::size_t mark = 0;  // bytes of the byte order mark
};

// The first character of YAML is ASCII or a byte order mark, so its zero bytes reveal the encoding.
Encoding encoding_of(std::string_view text) {
  constexpr std::string_view zeros("\0\0\0", 3);
  const auto begins = [&](std::string_view bytes) { return text.starts_with(bytes); };
  if (begins(std::string_view("\0\0\xfe\xff", 4))) return {4, true, 4};
  if (begins(std::string_view("\xff\xfe\0\0", 4))) return {4, false, 4};
  if (begins("\xfe\xff")) return {2, true, 2};
  if (begins("\xff\xfe")) return {2, false, 2};
  if (text.size() >= 4 && begins(zeros)) return {4, true, 0};
  if (text.size() >= 4 && text.substr(1, 3) == zeros) return {4, false, 0};
  if (text.size() >= 2 && text[0] == 0 && text[1] != 0) return {2, true, 0};
  if (text.size() >= 2 && text[0] != 0 && text[1] == 0) return {2, false, 0};
  return {};
}

constexpr std::uint32_t replacement = 0xfffd, last_character = 0x10ffff;

bool is_surrogate(std::uint32_t code) { return code >= 0xd800 && code <= 0xdfff; }
bool is_high(std::uint32_t code) { return code >= 0xd800 && code <= 0xdbff; }
bool is_low(std::uint32_t code) { return code >= 0xdc00 && code <= 0xdfff; }

void append(std::string& out, std::uint32_t code) {
  if (is_surrogate(code) || code > last_character) code = replacement;
  const auto more = [&](unsigned shift) {
    out += static_cast<char>(0x80 | ((code >> shift) & 0x3f));
  };
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xc0 | (code >> 6));
    more(0);
  } else if (code < 0x10000) {
    out += static_cast<char>(0xe0 | (code >> 12));
    more(6);
    more(0);
  } else {
    out += static_cast<char>(0xf0 | (code >> 18));
    more(12);
    more(6);
    more(0);
  }
}

class Units {
 public:
  Units(std::string_view text, Encoding encoding)
      : text_(text), encoding_(encoding), at_(encoding.mark) {}

  bool more() const { return at_ < text_.size(); }
  // The next unit; a truncated last unit is not a character.
  std::uint32_t take() {
    if (text_.size() - at_ < encoding_.unit) {
      at_ = text_.size();
      return replacement;
    }
    std::uint32_t code = 0;
    for (std::size_t i = 0; i < encoding_.unit; ++i) {
      const std::size_t byte = encoding_.big ? i : encoding_.unit - 1 - i;
      code = code << 8 | static_cast<unsigned char>(text_[at_ + byte]);
    }
    at_ += encoding_.unit;
    return code;
  }
  void give_back() { at_ -= encoding_.unit; }

 private:
  std::string_view text_;
  Encoding encoding_;
  std::size_t at_;
};

}  // namespace

std::string to_utf8(std::string text) {
  const Encoding encoding = encoding_of(text);
  if (encoding.unit == 1) return text;
  std::string out;
  out.reserve(text.size() / encoding.unit);
  Units units(text, encoding);
  while (units.more()) {
    std::uint32_t code = units.take();
    if (encoding.unit == 2 && is_high(code) && units.more()) {
      const std::uint32_t low = units.take();
      if (is_low(low))
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
      else if (low != replacement || units.more())
        units.give_back();
    }
    append(out, code);
  }
  return out;
}

}  // namespace saker::lang
