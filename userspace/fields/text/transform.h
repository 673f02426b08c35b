// SPDX-License-Identifier: Apache-2.0
// The transformers of the language over values. Unset in, unset out. Any thread, each with its own
// scratch.
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

// No transformer makes a text longer than this: what would be is unset, so that nested ones cannot
// exhaust memory.
constexpr std::size_t max_made_text = 256 * 1024;

// `arg`: what stood in [ ] behind it (getopt).
Value transform(Transform kind, std::span<const Value> inputs, std::string_view arg,
                Scratch& scratch);

// The value as text, as join() and the outputs show it: numbers decimal, addresses in their usual
// form.
std::string_view as_text(const Value& value, Scratch& scratch);

}  // namespace saker::fields
