// SPDX-License-Identifier: Apache-2.0
#include "lang/resolve/lexer.h"

#include <utility>

namespace saker::lang {
namespace {

// ASCII only, whatever the locale.
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The single-letter escapes; 0 for none.
char plain_escape(char c) {
  switch (c) {
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    case '\\': return '\\';
    case '/': return '/';
    case ' ': return '\\';  // Falco reads backslash-space as a backslash
    default: return 0;
  }
}

}  // namespace

std::string Lexer::found() const {
  if (done()) return "the end";
  std::size_t end = at_;
  while (!at_end(end) && !is_space(text_[end]) && end - at_ < 24) ++end;
  if (end == at_) ++end;
  return "'" + std::string(text_.substr(at_, end - at_)) + "'";
}

bool Lexer::skip_blank() {
  const std::size_t begin = at_;
  while (!at_end(at_) && std::string_view(" \t\b\r\n").find(text_[at_]) != std::string_view::npos)
    ++at_;
  return at_ != begin;
}

bool Lexer::take(std::string_view word) {
  if (text_.substr(at_, word.size()) != word) return false;
  at_ += word.size();
  return true;
}

std::size_t Lexer::identifier_end(std::size_t i) const {
  if (at_end(i) || !is_letter(text_[i])) return i;
  while (!at_end(i) && (is_letter(text_[i]) || is_digit(text_[i]) || text_[i] == '_')) ++i;
  return i;
}

std::string_view Lexer::take_identifier() {
  const std::size_t begin = at_;
  at_ = identifier_end(at_);
  return since(begin);
}

std::string_view Lexer::take_field_name() {
  const std::size_t begin = at_;
  std::size_t end = identifier_end(begin);
  if (end == begin) return {};
  std::size_t parts = 1;
  while (!at_end(end) && text_[end] == '.') {
    const std::size_t next = identifier_end(end + 1);
    if (next == end + 1) break;
    end = next;
    ++parts;
  }
  if (parts < 2) return {};
  at_ = end;
  return since(begin);
}

std::string_view Lexer::take_number() {
  std::size_t i = at_;
  if (!at_end(i) && (text_[i] == '+' || text_[i] == '-')) ++i;
  if (at_end(i) || !is_digit(text_[i])) return {};
  while (!at_end(i) && is_digit(text_[i])) ++i;
  if (!at_end(i) && text_[i] == '.') ++i;
  while (!at_end(i) && is_digit(text_[i])) ++i;
  // An exponent counts only if complete: e, sign, digits.
  if (i + 2 < text_.size() && (text_[i] == 'e' || text_[i] == 'E') &&
      (text_[i + 1] == '+' || text_[i + 1] == '-') && is_digit(text_[i + 2])) {
    i += 2;
    while (!at_end(i) && is_digit(text_[i])) ++i;
  }
  const std::size_t begin = std::exchange(at_, i);
  return since(begin);
}

std::string_view Lexer::take_hex() {
  if (text_.size() - at_ < 3 || text_[at_] != '0' || (text_[at_ + 1] | 0x20) != 'x') return {};
  std::size_t i = at_ + 2;
  while (!at_end(i) && hex_value(text_[i]) >= 0) ++i;
  if (i == at_ + 2) return {};
  const std::size_t begin = std::exchange(at_, i);
  return since(begin);
}

std::string_view Lexer::take_bare() {
  const std::size_t begin = at_;
  while (!at_end(at_) && !is_space(text_[at_]) &&
         std::string_view("()\"'=,").find(text_[at_]) == std::string_view::npos)
    ++at_;
  return since(begin);
}

std::string_view Lexer::take_bare_argument() {
  const std::size_t begin = at_;
  while (!at_end(at_) && !is_space(text_[at_]) &&
         std::string_view("[]\"'").find(text_[at_]) == std::string_view::npos)
    ++at_;
  return since(begin);
}

std::optional<std::string> Lexer::fail(std::string message, std::size_t offset) {
  quote_error_ = QuoteError{std::move(message), offset};
  return std::nullopt;
}

std::optional<std::string> Lexer::take_quoted() {
  if (done() || (text_[at_] != '"' && text_[at_] != '\'')) return std::nullopt;
  const char quote = text_[at_];
  std::size_t end = at_ + 1;
  // Only the byte before decides, not the number of backslashes: "a\\" is still open. This is how
  // Falco reads it.
  while (!at_end(end) && (text_[end] != quote || text_[end - 1] == '\\')) ++end;
  if (at_end(end)) {
    fail("the quoted text that begins here does not end", at_);
    quote_error_->unclosed = true;
    return std::nullopt;
  }
  std::optional<std::string> value = unescape(at_ + 1, end, quote);
  if (value) at_ = end + 1;
  return value;
}

std::optional<std::string> Lexer::unescape(std::size_t begin, std::size_t end, char quote) {
  std::string value;
  value.reserve(end - begin);
  for (std::size_t i = begin; i < end; ++i) {
    if (text_[i] != '\\') {
      value += text_[i];
      continue;
    }
    const std::size_t escape = i++;
    const char c = i < end ? text_[i] : '\0';
    if (const char plain = plain_escape(c)) {
      value += plain;
    } else if (c == quote && i < end) {
      value += c;
    } else if (c == 'x' && i + 2 < end && hex_value(text_[i + 1]) >= 0 &&
               hex_value(text_[i + 2]) >= 0) {
      value += static_cast<char>(hex_value(text_[i + 1]) * 16 + hex_value(text_[i + 2]));
      i += 2;
    } else {
      return fail("unknown escape in a quoted text", escape);
    }
  }
  return value;
}

}  // namespace saker::lang
