// SPDX-License-Identifier: Apache-2.0
// Files of lines with parts between colons: /etc/passwd, /etc/group, /etc/subuid. Pure functions.
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace saker::enrich {

// The first N parts of a line; nothing: it has fewer.
template <std::size_t N>
std::optional<std::array<std::string_view, N>> split(std::string_view line) {
  std::array<std::string_view, N> out;
  for (std::size_t i = 0; i < N; i++) {
    std::size_t colon = line.find(':');
    if (colon == std::string_view::npos && i + 1 < N) return std::nullopt;
    out[i] = line.substr(0, colon);
    line.remove_prefix(colon == std::string_view::npos ? line.size() : colon + 1);
  }
  return out;
}

// Nothing: it is not a decimal number of 32 bits.
inline std::optional<std::uint32_t> number(std::string_view text) {
  std::uint32_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Calls `row` with each line.
template <typename Row>
void each_line(std::string_view text, Row row) {
  while (!text.empty()) {
    std::size_t end = std::min(text.find('\n'), text.size());
    row(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

}  // namespace saker::enrich
