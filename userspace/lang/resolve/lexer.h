// SPDX-License-Identifier: Apache-2.0
// The words of the condition grammar in one text. The grammar has no separate tokens: a parser
// tries one form after the other at the same place, so every take_*() advances only if it succeeds.
// The text must outlive the lexer.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace saker::lang {

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  std::size_t at() const { return at_; }
  void rewind(std::size_t at) { at_ = at; }
  bool done() const { return at_ == text_.size(); }
  std::string_view rest() const { return text_.substr(at_); }
  std::string_view since(std::size_t begin) const { return text_.substr(begin, at_ - begin); }
  // The word that begins here, for messages; "the end" if nothing is left.
  std::string found() const;

  bool skip_blank();                   // whether there was any
  bool take(std::string_view word);    // these bytes
  std::string_view take_identifier();  // [a-zA-Z]+[a-zA-Z0-9_]*; empty: none here
  std::string_view take_field_name();  // identifiers joined by dots, at least two
  std::string_view take_number();
  std::string_view take_hex();
  std::string_view take_bare();           // a value without quotes
  std::string_view take_bare_argument();  // the text in [ ] without quotes

  // A quoted text, unescaped. Nothing: no quote here, or an invalid one, which quote_error() then
  // describes.
  std::optional<std::string> take_quoted();
  struct QuoteError {
    std::string message;
    std::size_t offset = 0;
    bool unclosed = false;
  };
  const std::optional<QuoteError>& quote_error() const { return quote_error_; }

 private:
  bool at_end(std::size_t i) const { return i >= text_.size(); }
  std::size_t identifier_end(std::size_t i) const;
  std::optional<std::string> fail(std::string message, std::size_t offset);
  std::optional<std::string> unescape(std::size_t begin, std::size_t end, char quote);

  std::string_view text_;
  std::size_t at_ = 0;
  std::optional<QuoteError> quote_error_;
};

}  // namespace saker::lang
