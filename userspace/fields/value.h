// SPDX-License-Identifier: Apache-2.0
// The value of a field at one event. A view: text and lists are stored in the record, in the
// process image, in a table of constants or in the Scratch passed to the extraction, and are valid
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
    natural,  // unsigned: ports, flags, modes, also times
    boolean,
    address,  // 4 or 16 bytes in network order
    list
  };
  Kind kind = Kind::unset;
  // number, natural: the base in which the event's source prints it; 0: not specified.
  std::uint8_t base = 0;
  std::uint8_t width = 0;        // in bits
  bool real = false;             // number: `bits` hold a double
  bool bytes = false;            // text: shown byte by byte
  std::uint32_t count = 0;       // list: members
  std::uint64_t bits = 0;        // number, natural, boolean
  std::string_view text;         // text; address: its bytes
  const Value* items = nullptr;  // list

  bool set() const { return kind != Kind::unset; }
  std::int64_t number() const { return static_cast<std::int64_t>(bits); }

  static Value of_text(std::string_view text) {
    Value value(Kind::text);
    value.text = text;
    return value;
  }
  static Value of_number(std::int64_t n) {
    return Value(Kind::number, static_cast<std::uint64_t>(n));
  }
  static Value of_natural(std::uint64_t n) { return Value(Kind::natural, n); }
  static Value of_bool(bool b) { return Value(Kind::boolean, b); }
  static Value of_address(std::string_view bytes) {
    Value value(Kind::address);
    value.text = bytes;
    return value;
  }
  static Value of_list(const Value* items, std::uint32_t count) {
    Value value(Kind::list);
    value.items = items;
    value.count = count;
    return value;
  }

  constexpr Value() = default;

 private:
  explicit constexpr Value(Kind what, std::uint64_t number = 0) : kind(what), bits(number) {}
};

}  // namespace saker::fields
