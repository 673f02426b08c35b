// SPDX-License-Identifier: Apache-2.0
// The `output` text of a rule split into tokens: literal text and %field, %field[arg],
// %transformer(field), each with an optional width (%30proc.name). output/ renders it. Plain data
// once parsed; any thread may read it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lang/ast.h"
#include "lang/resolve/bind.h"

namespace saker::lang {

// A larger width is accepted, because Falco accepts any, but not used: a line is for people.
constexpr std::uint32_t widest_output = 65536;

struct OutputToken {
  enum class Kind : std::uint8_t { literal, value } kind = Kind::literal;
  std::string
      // literal: the text; value: as written after % and width, which is the key in output_fields
      text;
  Operand value;  // value: a field or a transformer over fields, resolved (Operand::field is set)
  // value: pad with spaces or cut to this many characters; 0: as it is. At most widest_output,
  // whatever is written
  std::uint32_t width = 0;
};

struct OutputFormat {
  std::string text;  // as written, trimmed, including the text of append_output
  // unset fields print <NA>; false (never in a rule file): the whole text is dropped
  bool keep_unset = true;
  std::vector<OutputToken> tokens;
};

// An error in an output text, and its byte offset.
struct OutputError {
  std::string message, hint;
  std::size_t offset = 0;
  bool unknown_field =
      false;  // "unknown filter" or "nonexistent field": errors that skip-if-unknown-filter ignores
};

// Fields must be in all_fields(), or be one of `static_fields` (names without "static."). Reports
// every error. A name after % that is not a field is "unknown", as in Falco.
struct OutputParse {
  OutputFormat format;
  std::vector<OutputError> errors;
};
OutputParse parse_output(std::string_view text, const Scope& scope);
OutputParse parse_output(std::string_view text,
                         const std::map<std::string, std::string>& static_fields = {});

// The fields that a format reads, each once and in order of appearance, including those inside
// transformers: the list of an alert's output_fields.
std::vector<Operand> output_fields(const OutputFormat& format);

}  // namespace saker::lang
