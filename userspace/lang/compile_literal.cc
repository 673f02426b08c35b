// SPDX-License-Identifier: Apache-2.0
#include "lang/compile_literal.h"

#include <arpa/inet.h>
#include <netdb.h>

#include <array>
#include <charconv>

namespace saker::lang {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::optional<std::uint64_t> parse_number(std::string_view text, bool is_signed, unsigned bits) {
  bool minus = !text.empty() && text[0] == '-';
  if (minus || (!text.empty() && text[0] == '+')) text.remove_prefix(1);
  std::uint64_t magnitude = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), magnitude);
  if (error != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
  std::uint64_t value = minus ? 0 - magnitude : magnitude;
  if (bits >= 64 || bits == 0) return value;
  std::uint64_t low = value & ((std::uint64_t{1} << bits) - 1);
  if (is_signed && low >> (bits - 1)) low |= ~std::uint64_t{0} << bits;
  return low;
}

std::optional<std::uint64_t> port_number(std::string_view text) {
  if (!text.empty() && (text[0] < '0' || text[0] > '9')) {
    servent entry{};
    servent* found = nullptr;
    std::array<char, 4096> buffer;
    std::string name(text);
    if (getservbyname_r(name.c_str(), nullptr, &entry, buffer.data(), buffer.size(), &found) != 0 ||
        !found) {
      return std::nullopt;
    }
    return ntohs(static_cast<std::uint16_t>(found->s_port));
  }
  return parse_number(text, false, 16);
}

std::optional<std::string> parse_address(std::string_view text) {
  std::string name(text);
  std::array<char, 16> bytes;
  int family = name.find('.') != name.npos && name.find(':') == name.npos ? AF_INET : AF_INET6;
  if (inet_pton(family, name.c_str(), bytes.data()) != 1) return std::nullopt;
  return std::string(bytes.data(), family == AF_INET ? 4 : 16);
}

std::optional<Network> parse_network(std::string_view text) {
  std::size_t slash = text.rfind('/');
  if (slash == text.npos) return std::nullopt;
  std::optional<std::string> address = parse_address(text.substr(0, slash));
  std::optional<std::uint64_t> length = parse_number(text.substr(slash + 1), false, 64);
  if (!address || !length || *length > address->size() * 8) return std::nullopt;
  for (std::size_t bit = *length; bit < address->size() * 8; bit++) {
    (*address)[bit / 8] = static_cast<char>((*address)[bit / 8] & ~(0x80 >> (bit % 8)));
  }
  return Network{*address, static_cast<unsigned>(*length)};
}

std::optional<std::string> parse_hex(std::string_view text) {
  if (text.size() % 2) return std::nullopt;
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    int high = hex_digit(text[i]), low = hex_digit(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes.push_back(static_cast<char>(high << 4 | low));
  }
  return bytes;
}

}  // namespace saker::lang
