// SPDX-License-Identifier: Apache-2.0
#include "lang/value.h"

#include <arpa/inet.h>
#include <netdb.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace saker::lang {
namespace {

Error not_a(std::string_view what, std::string_view text) {
  return {"'" + std::string(text) + "' is not a valid " + std::string(what)};
}

bool is_signed(FieldType type) {
  return type == FieldType::int64 || type == FieldType::fd || type == FieldType::pid ||
         type == FieldType::double_;
}

constexpr std::string_view blanks = " \t\n\v\f\r";

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

// Parsed like scanf(3), as in Falco: leading spaces are ignored, and a number beyond 64 bits
// becomes the largest one; then it is truncated to the width.
Result<std::uint64_t> parse_number(std::string_view text, FieldType type, std::uint8_t bits) {
  std::string_view digits = text.substr(std::min(text.find_first_not_of(blanks), text.size()));
  const bool negative = !digits.empty() && digits[0] == '-';
  if (!digits.empty() && (digits[0] == '-' || digits[0] == '+')) digits.remove_prefix(1);
  if (digits.empty() || digits.find_first_not_of("0123456789") != digits.npos)
    return not_a("number", text);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  constexpr std::uint64_t most_negative = std::uint64_t{1} << 63;
  if (is_signed(type)) {
    const std::uint64_t limit = negative ? most_negative : most_negative - 1;
    if (error != std::errc() || value > limit) value = limit;
    if (negative) value = ~value + 1;
  } else if (error != std::errc()) {
    value = UINT64_MAX;  // strtoull does not negate it then
  } else if (negative) {
    value = ~value + 1;
  }
  if (bits >= 64) return value;
  value &= (std::uint64_t{1} << bits) - 1;
  const bool sign = is_signed(type) && (value >> (bits - 1)) != 0;
  return sign ? value | ~((std::uint64_t{1} << bits) - 1) : value;
}

Result<std::uint16_t> parse_port(std::string_view text) {
  if (text.empty()) return std::uint16_t{0};
  if (text.find_first_not_of("0123456789") == std::string_view::npos) {
    std::int32_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc()) return not_a("port", text);
    return static_cast<std::uint16_t>(port);
  }
  const std::string name(text);
  servent entry{};
  servent* found = nullptr;
  char buffer[4096];
  if (getservbyname_r(name.c_str(), nullptr, &entry, buffer, sizeof buffer, &found) != 0 ||
      found == nullptr)
    return Error{"'" + name + "' is neither a port number nor a service name"};
  return ntohs(static_cast<std::uint16_t>(found->s_port));
}

Result<bool> parse_bool(std::string_view text) {
  if (text == "true") return true;
  if (text == "false") return false;
  return Error{"'" + std::string(text) + "' is not true or false"};
}

Result<IpValue> parse_ip(std::string_view text) {
  IpValue value;
  value.v6 = text.find('.') == std::string_view::npos;
  value.prefix = value.v6 ? 128 : 32;
  const std::string copy(text);
  // A NUL would end the copy early and hide any garbage after it.
  if (copy.find('\0') != copy.npos ||
      inet_pton(value.v6 ? AF_INET6 : AF_INET, copy.c_str(), value.bytes.data()) != 1)
    return not_a(value.v6 ? "IPv6 address" : "IPv4 address", text);
  return value;
}

Result<IpValue> parse_net(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == text.npos)
    return Error{"'" + std::string(text) + "' is not a network: it needs /LENGTH"};
  Result<IpValue> address = parse_ip(text.substr(0, slash));
  if (!address) return address;
  const std::string_view length = text.substr(slash + 1);
  unsigned prefix = 0;
  const auto [end, error] = std::from_chars(length.data(), length.data() + length.size(), prefix);
  if (length.empty() || error != std::errc() || end != length.data() + length.size() ||
      prefix > (address->v6 ? 128u : 32u))
    return not_a("network length", length);
  if (address->v6 && prefix == 0)
    return Error{"'" + std::string(text) +
                 "' is not a network: the length of an IPv6 network is 1 to 128"};
  address->prefix = static_cast<std::uint8_t>(prefix);
  return address;
}

Result<std::string> parse_hex_bytes(std::string_view text) {
  if (text.empty() || text.size() % 2 != 0)
    return Error{"'" + std::string(text) + "' is not an even number of hex digits"};
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_value(text[i]), low = hex_value(text[i + 1]);
    if (high < 0 || low < 0) return not_a("sequence of hex digits", text);
    bytes += static_cast<char>(high * 16 + low);
  }
  return bytes;
}

}  // namespace saker::lang
