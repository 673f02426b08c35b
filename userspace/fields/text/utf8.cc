// SPDX-License-Identifier: Apache-2.0
#include "fields/text/utf8.h"

#include <cstring>

namespace saker::fields {
namespace {

// Length of the valid sequence at the front of `text`, 0 if there is none.
std::size_t sequence(std::string_view text) {
  auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  unsigned char first = byte(0);
  if (first < 0x80) return 1;
  std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; i++) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  // Overlong forms, surrogates, and values beyond U+10FFFF.
  if (first == 0xe0 && byte(1) < 0xa0) return 0;
  if (first == 0xed && byte(1) > 0x9f) return 0;
  if (first == 0xf0 && byte(1) < 0x90) return 0;
  if (first == 0xf4 && byte(1) > 0x8f) return 0;
  return length;
}

}  // namespace

std::string_view valid_utf8(std::string_view text, Scratch& scratch) {
  std::size_t good = 0;
  while (good < text.size()) {
    std::size_t length = sequence(text.substr(good));
    if (length == 0) break;
    good += length;
  }
  if (good == text.size()) return text;
  char* out = scratch.take(text.size() * 3);
  std::memcpy(out, text.data(), good);
  std::size_t size = good;
  for (std::size_t at = good; at < text.size();) {
    std::size_t length = sequence(text.substr(at));
    if (length == 0) {
      std::memcpy(out + size, "\xef\xbf\xbd", 3);
      size += 3;
      at++;
    } else {
      std::memcpy(out + size, text.data() + at, length);
      size += length;
      at += length;
    }
  }
  return {out, size};
}

}  // namespace saker::fields
