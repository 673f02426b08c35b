// SPDX-License-Identifier: Apache-2.0
#include "lang/read/encoding.h"

#include <doctest/doctest.h>

#include <string_view>

namespace saker::lang {
namespace {

using namespace std::string_view_literals;

// A code unit of `size` bytes, with the high byte first or last.
void put(std::string& out, char32_t unit, int size, bool big) {
  for (int i = 0; i < size; i++)
    out += static_cast<char>(unit >> (8 * (big ? size - 1 - i : i)) & 0xff);
}

std::string encoded16(const std::u32string& text, bool big, bool mark) {
  std::string out;
  if (mark) put(out, 0xfeff, 2, big);
  for (const char32_t code : text) {
    if (code >= 0x10000) put(out, 0xd800 + ((code - 0x10000) >> 10), 2, big);
    put(out, code < 0x10000 ? code : 0xdc00 + ((code - 0x10000) & 0x3ff), 2, big);
  }
  return out;
}

std::string encoded32(const std::u32string& text, bool big, bool mark) {
  std::string out;
  if (mark) put(out, 0xfeff, 4, big);
  for (const char32_t code : text) put(out, code, 4, big);
  return out;
}

std::string utf8(std::string_view bytes) { return to_utf8(std::string(bytes)); }

TEST_CASE(
    "UTF-16 and UTF-32 become UTF-8, whichever byte stands first and with a mark or without") {
  const std::u32string text = U"- list: \u00e9\u20ac\U0001f985\n";
  const std::string wanted = "- list: \xc3\xa9\xe2\x82\xac\xf0\x9f\xa6\x85\n";
  for (const bool big : {false, true})
    for (const bool mark : {false, true}) {
      CAPTURE(big);
      CAPTURE(mark);
      CHECK(utf8(encoded16(text, big, mark)) == wanted);
      CHECK(utf8(encoded32(text, big, mark)) == wanted);
    }
  CHECK(utf8(wanted) == wanted);
  CHECK(utf8("\xef\xbb\xbf" + wanted) == "\xef\xbb\xbf" + wanted);  // YAML skips the mark
}

TEST_CASE("invalid characters are replaced, and nothing is read after the end") {
  const std::string bad = "\xef\xbf\xbd";
  CHECK(utf8("\xff\xfe\x3d\xd8"sv) == bad);                // half a pair at the end
  CHECK(utf8("\xff\xfe\x3d\xd8\x41\x00"sv) == bad + "A");  // and before a letter
  CHECK(utf8("\xff\xfe\x00\xdc\x41\x00"sv) == bad + "A");  // the other half
  CHECK(utf8("\xff\xfe\x41\x00\x42"sv) == "A" + bad);      // a single byte left over
  CHECK(utf8("\xff\xfe\x3d\xd8\x41"sv) == bad);
  CHECK(utf8("\0\0\xfe\xff\x00\x11\x00\x00"sv) == bad);  // beyond U+10FFFF
  CHECK(utf8("\0\0\xfe\xff\x00\x00"sv) == bad);
  for (const std::string_view tiny :
       {""sv, "\0"sv, "a"sv, "\xff"sv, "\xff\xfe"sv, "\0\0"sv, "a\0"sv})
    utf8(tiny);
}

}  // namespace
}  // namespace saker::lang
