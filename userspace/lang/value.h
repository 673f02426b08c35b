// SPDX-License-Identifier: Apache-2.0
// Parses constants of a rule as values of a field's type. Pure functions; an error is one sentence
// for the rule's author.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "lang/fields.h"

namespace saker::lang {

// The bits of a number as a field of that type and width holds it: truncated to `bits`, then sign-
// or zero-extended. Only decimal with an optional sign; for unsigned types a negative number wraps
// around.
Result<std::uint64_t> parse_number(std::string_view text, FieldType type, std::uint8_t bits);

// Digits, or a name in the services database (/etc/services).
Result<std::uint16_t> parse_port(std::string_view text);

Result<bool> parse_bool(std::string_view text);

// Network byte order; IPv4 in the first four bytes. prefix: of a network; for an address its full
// length.
struct IpValue {
  bool v6 = false;
  std::uint8_t prefix = 0;
  std::array<std::uint8_t, 16> bytes{};
};
Result<IpValue> parse_ip(std::string_view text);
Result<IpValue> parse_net(
    std::string_view text);  // ADDRESS/LENGTH; bits after the prefix are kept as written

// An even number of hex digits, for bcontains and bstartswith.
Result<std::string> parse_hex_bytes(std::string_view text);

}  // namespace saker::lang
