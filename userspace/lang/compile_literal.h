// SPDX-License-Identifier: Apache-2.0
// A constant of a condition as the value it stands for. Used by the compiler alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lang/field.h"

namespace saker::lang {

// Decimal with an optional sign, cut to `bits`; a minus sign before an unsigned one wraps, as in the language.
std::optional<std::uint64_t> parse_number(std::string_view text, bool is_signed, unsigned bits);
// Digits or the name of a service.
std::optional<std::uint64_t> port_number(std::string_view text);
// 4 or 16 bytes in network order.
std::optional<std::string> parse_address(std::string_view text);
struct Network {
  std::string address;  // bits behind the prefix are 0
  unsigned length = 0;
};
std::optional<Network> parse_network(std::string_view text);
std::optional<std::string> parse_hex(std::string_view text);

}  // namespace saker::lang
