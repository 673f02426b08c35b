// SPDX-License-Identifier: Apache-2.0
// The `output` text of a rule cut into tokens: literal text and %field, %field[arg],
// %transformer(field), each with an optional width (%30proc.name). Rendering is output/'s part.
// Plain data once parsed; any thread may read it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lang/ast.h"
#include "lang/resolve/bind.h"

namespace saker::lang {

// A wider one loads, for Falco takes any, but is not made: a line is for people.
constexpr std::uint32_t widest_output = 65536;

struct OutputToken {
  enum class Kind : std::uint8_t { literal, value } kind = Kind::literal;
  std::string
      text;  // literal: the text; value: as written after % and width, the key in output_fields
  Operand value;  // value: a field or a transformer over fields, resolved (Operand::field is set)
  std::uint32_t width = 0;  // value: pad with blanks or cut to so many characters; 0: as it is.
                            // At most widest_output, whatever is written
};

struct OutputFormat {
  std::string text;        // as written, trimmed, including what append_output added
  bool keep_unset = true;  // unset fields print <NA>; false (cannot come from a rule file): the
                           // whole text is dropped
  std::vector<OutputToken> tokens;
};

// What is wrong with an output text, and where: byte offset into it.
struct OutputError {
  std::string message, hint;
  std::size_t offset = 0;
  bool unknown_field =
      false;  // "unknown filter" or "nonexistent field": what skip-if-unknown-filter forgives
};

// Fields must be in all_fields(), or be one of `static_fields` (names without "static."). Reports
// every error. What follows a % and is no field is "unknown", as it is for Falco.
struct OutputParse {
  OutputFormat format;
  std::vector<OutputError> errors;
};
OutputParse parse_output(std::string_view text, const Scope& scope);
OutputParse parse_output(std::string_view text,
                         const std::map<std::string, std::string>& static_fields = {});

// The fields a format reads, each once and in order of appearance: those inside transformers too,
// which is what an alert's output_fields lists.
std::vector<Operand> output_fields(const OutputFormat& format);

}  // namespace saker::lang
