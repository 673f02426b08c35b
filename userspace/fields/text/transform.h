// SPDX-License-Identifier: Apache-2.0
// The transformers of the language on values. An unset input gives an unset result. Any thread,
// each with its own scratch.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "fields/scratch.h"
#include "fields/value.h"

namespace saker::fields {

enum class Transform : std::uint8_t {
  none,
  tolower,
  toupper,
  b64,
  basename,
  len,
  join,
  concat,
  getopt,
  val
};

// No transformer makes a longer text: the result is unset instead, so that nested transformers
// cannot exhaust memory.
constexpr std::size_t max_made_text = 256 * 1024;

// `arg`: the text in the [ ] after it (getopt).
Value transform(Transform kind, std::span<const Value> inputs, std::string_view arg,
                Scratch& scratch);

// The value as text, in the form of join() and of the outputs: numbers decimal, addresses in their
// usual form.
std::string_view as_text(const Value& value, Scratch& scratch);

}  // namespace saker::fields
