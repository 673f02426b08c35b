// SPDX-License-Identifier: Apache-2.0
// The value of a field at one event. A view: text and lists lie in the record, in the process
// image, in a table of constants or in the Scratch that the extraction was given, and are valid
// until that is reset. Plain data, no allocation.
#pragma once

#include <cstdint>
#include <string_view>

namespace saker::fields {

struct Value {
  enum class Kind : std::uint8_t {
    unset,    // every comparison with it is false
    text,     // string, path or bytes
    number,   // signed
    natural,  // unsigned: ports, flags, modes, times too
    boolean,
    address,  // 4 or 16 bytes in network order
    list
  };
  Kind kind = Kind::unset;
  std::uint32_t count = 0;       // list: members
  std::uint64_t bits = 0;        // number, natural, boolean
  std::string_view text;         // text; address: its bytes
  const Value* items = nullptr;  // list

  bool set() const { return kind != Kind::unset; }
  std::int64_t number() const { return static_cast<std::int64_t>(bits); }

  static Value of_text(std::string_view text) { return {Kind::text, 0, 0, text, nullptr}; }
  static Value of_number(std::int64_t n) {
    return {Kind::number, 0, static_cast<std::uint64_t>(n), {}, nullptr};
  }
  static Value of_natural(std::uint64_t n) { return {Kind::natural, 0, n, {}, nullptr}; }
  static Value of_bool(bool b) { return {Kind::boolean, 0, b, {}, nullptr}; }
  static Value of_address(std::string_view bytes) { return {Kind::address, 0, 0, bytes, nullptr}; }
  static Value of_list(const Value* items, std::uint32_t count) {
    return {Kind::list, count, 0, {}, items};
  }
};

}  // namespace saker::fields
