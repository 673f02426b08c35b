// SPDX-License-Identifier: Apache-2.0
// Numbers and texts with extra properties, which are kept in the `count` that otherwise only lists
// use: raw arguments, whose width, sign and form differ between events, and numbers that are not
// integers. Pure functions.
#pragma once

#include <bit>
#include <cstdint>

#include "fields/value.h"

namespace saker::fields {

// base: the base in which outputs write it, 8, 10 or 16. width: how many bits of the number count.
// Its bits are those of the field's type; its kind says whether the number is signed in the event.
inline Value with_form(Value number, std::uint32_t base, std::uint32_t width) {
  number.base = static_cast<std::uint8_t>(base);
  number.width = static_cast<std::uint8_t>(width);
  return number;
}
inline bool has_form(const Value& value) { return value.base || value.width || value.real; }
inline std::uint32_t base_of(const Value& value) { return value.base; }
inline std::uint32_t width_of(const Value& value) { return value.width; }

// The bits made for another width, converted to the width and sign of `like`.
inline std::uint64_t fitted(const Value& like, std::uint64_t bits) {
  const std::uint32_t width = width_of(like);
  if (width == 0 || width >= 64) return bits;
  const std::uint64_t mask = (std::uint64_t{1} << width) - 1;
  const bool negative = like.kind == Value::Kind::number && (bits >> (width - 1) & 1);
  return negative ? bits | ~mask : bits & mask;
}

// Marks it as bytes, not text: outputs show a dot for a byte that is not ASCII.
inline Value as_bytes(Value text) {
  text.bytes = true;
  return text;
}
inline bool is_bytes(const Value& value) { return value.bytes; }

// An integral value becomes an ordinary number, so that equal values have equal bits. It must fit
// 64 bits.
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
