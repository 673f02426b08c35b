// SPDX-License-Identifier: Apache-2.0
#include "fields/text/text_ops.h"

#include <string.h>

#include <cctype>
#include <cstring>

namespace saker::fields {
namespace {

// One character class such as [:alpha:], in the C locale.
bool in_class(std::string_view name, unsigned char c) {
  bool alpha = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  bool digit = c >= '0' && c <= '9';
  bool graph = c > 32 && c < 127;
  if (name == "alpha") return alpha;
  if (name == "digit") return digit;
  if (name == "alnum") return alpha || digit;
  if (name == "upper") return c >= 'A' && c <= 'Z';
  if (name == "lower") return c >= 'a' && c <= 'z';
  if (name == "space") return c == ' ' || (c >= 9 && c <= 13);
  if (name == "blank") return c == ' ' || c == '\t';
  if (name == "punct") return graph && !alpha && !digit;
  if (name == "print") return graph || c == ' ';
  if (name == "graph") return graph;
  if (name == "cntrl") return c < 32 || c == 127;
  if (name == "xdigit") return digit || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  return false;
}

struct Bracket {
  bool closed = false;  // otherwise '[' is an ordinary character
  bool hit = false;
  std::size_t end = 0;  // after ']'
};

// The bracket expression at pattern[at] == '['.
Bracket bracket(std::string_view pattern, std::size_t at, unsigned char c, bool fold) {
  Bracket result;
  std::size_t i = at + 1;
  bool negate = i < pattern.size() && (pattern[i] == '!' || pattern[i] == '^');
  if (negate) i++;
  unsigned char low = static_cast<unsigned char>(lower(static_cast<char>(c)));
  unsigned char high = static_cast<unsigned char>(upper(static_cast<char>(c)));
  for (bool first = true; i < pattern.size(); first = false) {
    unsigned char from = static_cast<unsigned char>(pattern[i]);
    if (from == ']' && !first) {
      result.closed = true;
      result.end = i + 1;
      result.hit = result.hit != negate;
      return result;
    }
    if (from == '[' && i + 1 < pattern.size() && pattern[i + 1] == ':') {
      std::size_t close = pattern.find(":]", i + 2);
      if (close != pattern.npos) {
        std::string_view name = pattern.substr(i + 2, close - i - 2);
        result.hit = result.hit || in_class(name, c) ||
                     (fold && (in_class(name, low) || in_class(name, high)));
        i = close + 2;
        continue;
      }
    }
    if (from == '\\' && i + 1 < pattern.size()) from = static_cast<unsigned char>(pattern[++i]);
    unsigned char to = from;
    i++;
    if (i + 1 < pattern.size() && pattern[i] == '-' && pattern[i + 1] != ']') {
      i++;
      if (pattern[i] == '\\' && i + 1 < pattern.size()) i++;
      to = static_cast<unsigned char>(pattern[i++]);
    }
    if (from <= c && c <= to) result.hit = true;
    if (fold && ((from <= low && low <= to) || (from <= high && high <= to))) result.hit = true;
  }
  return result;
}

// Matches one character of the text at this place of the pattern; `next` is the place after it. Not
// for '*'.
bool match_one(std::string_view pattern, std::size_t at, char c, bool fold, std::size_t& next) {
  char p = pattern[at];
  next = at + 1;
  if (p == '?') return true;
  if (p == '[') {
    Bracket set = bracket(pattern, at, static_cast<unsigned char>(c), fold);
    if (set.closed) {
      next = set.end;
      return set.hit;
    }
  }
  if (p == '\\' && at + 1 < pattern.size()) {
    p = pattern[at + 1];
    next = at + 2;
  }
  return p == c || (fold && lower(p) == lower(c));
}

}  // namespace

bool contains(std::string_view text, std::string_view part) {
  return part.empty() || memmem(text.data(), text.size(), part.data(), part.size()) != nullptr;
}

bool icontains(std::string_view text, std::string_view part) {
  if (part.empty()) return true;
  if (part.size() > text.size()) return false;
  // the last possible beginning of a match
  const char* last = text.data() + text.size() - part.size();
  auto find = [&](const char* from, char c) {
    return from > last ? nullptr
                       : static_cast<const char*>(
                             std::memchr(from, c, static_cast<std::size_t>(last - from) + 1));
  };
  // Both cases of the first letter; the first occurrence of either.
  const char small = lower(part[0]), large = upper(part[0]);
  const char* next_small = find(text.data(), small);
  const char* next_large = large == small ? nullptr : find(text.data(), large);
  while (next_small || next_large) {
    bool is_small = next_small && (!next_large || next_small < next_large);
    const char*& at = is_small ? next_small : next_large;
    std::size_t i = 1;
    while (i < part.size() && lower(at[i]) == lower(part[i])) i++;
    if (i == part.size()) return true;
    at = find(at + 1, is_small ? small : large);
  }
  return false;
}

bool glob(std::string_view pattern, std::string_view text, bool fold_case) {
  std::size_t p = 0, t = 0;
  std::size_t star = pattern.npos,
              star_text = 0;  // what follows the last '*', and where it was tried
  while (t < text.size()) {
    std::size_t next = 0;
    if (p < pattern.size() && pattern[p] == '*') {
      star = ++p;
      star_text = t;
    } else if (p < pattern.size() && match_one(pattern, p, text[t], fold_case, next)) {
      p = next;
      t++;
    } else if (star != pattern.npos) {
      p = star;
      t = ++star_text;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') p++;
  return p == pattern.size();
}

bool path_glob(std::string_view pattern, std::string_view path) {
  while (!pattern.empty()) {
    std::size_t pattern_end = pattern.find('/'), path_end = path.find('/');
    if (!glob(pattern.substr(0, pattern_end), path.substr(0, path_end), false)) return false;
    if (pattern_end == pattern.npos) return true;
    if (path_end == path.npos) return false;
    pattern.remove_prefix(pattern_end + 1);
    path.remove_prefix(path_end + 1);
  }
  return true;
}

}  // namespace saker::fields
