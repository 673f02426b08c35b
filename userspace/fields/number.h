// SPDX-License-Identifier: Apache-2.0
// Numbers and texts that are more than their value, which is kept in its `count`, that only lists
// need else: raw arguments, whose width, sign and form differ from event to event, and numbers that
// are no whole ones. Pure functions.
#pragma once

#include <bit>
#include <cstdint>

#include "fields/value.h"

namespace saker::fields {

// base: what outputs write it in, 8, 10 or 16. width: how many bits of the number count. Its bits
// are as the type of the field has them, its kind says whether it has a sign in the event.
inline Value with_form(Value number, std::uint32_t base, std::uint32_t width) {
  number.base = static_cast<std::uint8_t>(base);
  number.width = static_cast<std::uint8_t>(width);
  return number;
}
inline bool has_form(const Value& value) { return value.base || value.width || value.real; }
inline std::uint32_t base_of(const Value& value) { return value.base; }
inline std::uint32_t width_of(const Value& value) { return value.width; }

// A number as wide as `like`, with its sign, out of bits that were made for another width.
inline std::uint64_t fitted(const Value& like, std::uint64_t bits) {
  const std::uint32_t width = width_of(like);
  if (width == 0 || width >= 64) return bits;
  const std::uint64_t mask = (std::uint64_t{1} << width) - 1;
  const bool negative = like.kind == Value::Kind::number && (bits >> (width - 1) & 1);
  return negative ? bits | ~mask : bits & mask;
}

// Bytes rather than a text: outputs show a dot for what is not ASCII.
inline Value as_bytes(Value text) {
  text.bytes = true;
  return text;
}
inline bool is_bytes(const Value& value) { return value.bytes; }

// A whole one is a number as others are, so that equal ones have equal bits. Must fit 64 bits.
inline Value of_real(double number) {
  const auto whole = static_cast<std::int64_t>(number);
  if (static_cast<double>(whole) == number) return Value::of_number(whole);
  Value value = Value::of_number(std::bit_cast<std::int64_t>(number));
  value.real = true;
  return value;
}
inline bool is_real(const Value& value) { return value.real; }
inline double real_of(const Value& value) {
  return is_real(value) ? std::bit_cast<double>(value.bits) : static_cast<double>(value.number());
}

}  // namespace saker::fields
