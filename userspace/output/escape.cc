// SPDX-License-Identifier: Apache-2.0
#include "output/escape.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace saker::output {
namespace {

constexpr std::string_view replacement = "\xef\xbf\xbd";

struct Sequence {
  std::size_t length;
  bool valid;
};

bool in_range(std::uint8_t byte, std::uint8_t low, std::uint8_t high) {
  return byte >= low && byte <= high;
}

// The UTF-8 sequence at the front of `text`, which does not begin with ASCII. For an ill-formed
// sequence: the part that could still have become a character; that part is replaced by one U+FFFD,
// as the Unicode standard advises.
Sequence sequence_at(std::string_view text) {
  auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  std::uint8_t first = byte(0), low = 0x80, high = 0xbf;
  std::size_t length = 0;
  if (in_range(first, 0xc2, 0xdf)) length = 2;
  if (in_range(first, 0xe0, 0xef)) length = 3;
  if (in_range(first, 0xf0, 0xf4)) length = 4;
  if (length == 0) return {1, false};
  if (first == 0xe0) low = 0xa0;   // otherwise a shorter form would exist
  if (first == 0xed) high = 0x9f;  // surrogates
  if (first == 0xf0) low = 0x90;
  if (first == 0xf4) high = 0x8f;  // beyond U+10FFFF
  for (std::size_t i = 1; i < length; i++) {
    if (i >= text.size() || !in_range(byte(i), low, high)) return {i, false};
    low = 0x80;
    high = 0xbf;
  }
  return {length, true};
}

void append_control(std::string& out, std::uint8_t byte) {
  static constexpr char digits[] = "0123456789abcdef";
  switch (byte) {
    case '\b': out += "\\b"; return;
    case '\f': out += "\\f"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: break;
  }
  out += "\\u00";
  out += digits[byte >> 4];
  out += digits[byte & 15];
}

// C1 control characters, U+0080 to U+009F: a terminal may interpret them as escape sequences.
bool is_c1(std::string_view sequence) {
  return sequence.size() == 2 && sequence[0] == '\xc2' &&
         static_cast<std::uint8_t>(sequence[1]) < 0xa0;
}

// The character of a valid sequence of three bytes or fewer, if it hides, reverses or breaks text:
// soft hyphen, direction marks, zero-width characters, line and paragraph separators, the byte
// order mark.
std::uint32_t deceptive(std::string_view sequence) {
  auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(sequence[i]); };
  std::uint32_t c = 0;
  if (sequence.size() == 2) c = (byte(0) & 0x1fu) << 6 | (byte(1) & 0x3fu);
  if (sequence.size() == 3)
    c = (byte(0) & 0x0fu) << 12 | (byte(1) & 0x3fu) << 6 | (byte(2) & 0x3fu);
  const bool is = c == 0xad || c == 0x61c || (c >= 0x200b && c <= 0x200f) ||
                  (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff;
  return is ? c : 0;
}

// The number of leading bytes that need no escape: most of them.
std::size_t plain_length(std::string_view text) {
  std::size_t length = 0;
  while (length < text.size() && in_range(static_cast<std::uint8_t>(text[length]), 0x20, 0x7e) &&
         text[length] != '"' && text[length] != '\\')
    length++;
  return length;
}

}  // namespace

namespace {

void append_escaped(std::string& out, std::string_view raw, bool quotes) {
  for (std::size_t at = 0; at < raw.size();) {
    std::size_t plain = plain_length(raw.substr(at));
    out += raw.substr(at, plain);
    at += plain;
    if (at == raw.size()) break;
    std::uint8_t byte = static_cast<std::uint8_t>(raw[at]);
    if (byte < 0x20 || byte == 0x7f) {
      append_control(out, byte);
      at++;
    } else if (byte < 0x80) {
      if (quotes) out += '\\';
      out += raw[at++];
    } else {
      Sequence sequence = sequence_at(raw.substr(at));
      std::string_view bytes = raw.substr(at, sequence.length);
      if (!sequence.valid)
        out += replacement;
      else if (is_c1(bytes))
        append_control(out, static_cast<std::uint8_t>(bytes[1]));
      else if (const std::uint32_t character = deceptive(bytes))
        append_unit(out, character);
      else
        out += bytes;
      at += sequence.length;
    }
  }
}

}  // namespace

void append_unit(std::string& out, std::uint32_t unit) {
  static constexpr char digits[] = "0123456789abcdef";
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += digits[unit >> shift & 15];
}

void append_line(std::string& out, std::string_view raw) { append_escaped(out, raw, true); }
void append_shown(std::string& out, std::string_view raw) { append_escaped(out, raw, false); }

void append_json(std::string& out, std::string_view raw) {
  out += '"';
  append_line(out, raw);
  out += '"';
}

std::string url_escaped(std::string_view raw) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : raw) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
                       (byte >= 'A' && byte <= 'Z') || byte == '-' || byte == '.' || byte == '_' ||
                       byte == '~';
    if (plain)
      out += c;
    else
      out.append("%").append({digits[byte >> 4], digits[byte & 15]});
  }
  return out;
}

}  // namespace saker::output
