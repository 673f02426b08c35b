// SPDX-License-Identifier: Apache-2.0
#include "base/units.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <span>

namespace saker {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

constexpr Unit sizes[] = {
    {"", 1},           {"B", 1},        {"KiB", 1u << 10}, {"K", 1u << 10},
    {"MiB", 1u << 20}, {"M", 1u << 20}, {"GiB", 1u << 30}, {"G", 1u << 30},
};
constexpr std::uint64_t second = 1'000'000'000;
constexpr Unit times[] = {
    {"", second},         {"s", second},          {"ms", 1'000'000},       {"m", 60 * second},
    {"h", 3600 * second}, {"d", 86'400 * second}, {"w", 604'800 * second},
};

std::optional<std::uint64_t> parse(std::string_view text, std::span<const Unit> units) {
  std::uint64_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  std::string_view name = text.substr(static_cast<std::size_t>(end - text.data()));
  if (name.starts_with(' ')) name.remove_prefix(1);
  for (const Unit& unit : units) {
    if (unit.name != name) continue;
    if (number > ~std::uint64_t{0} / unit.factor) return std::nullopt;
    return number * unit.factor;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::uint64_t> parse_size(std::string_view text) { return parse(text, sizes); }

std::optional<std::uint64_t> parse_duration(std::string_view text) {
  std::uint64_t sum = 0;
  do {
    // A number and its unit, as far as the next number.
    const std::size_t unit = text.find_first_not_of("0123456789");
    const std::size_t next = unit == text.npos ? unit : text.find_first_of("0123456789", unit);
    const std::optional<std::uint64_t> part = parse(text.substr(0, next), times);
    // Of several each has its unit.
    const bool bare = unit == text.npos && sum != 0;
    if (!part || bare || *part > ~std::uint64_t{0} - sum) return std::nullopt;
    sum += *part;
    text.remove_prefix(std::min(next, text.size()));
  } while (!text.empty());
  return sum;
}

std::string size_text(std::uint64_t bytes) {
  constexpr const char* names[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
  double value = static_cast<double>(bytes);
  std::size_t name = 0;
  for (; value >= 1024 && name + 1 < std::size(names); name++) value /= 1024;
  char text[32];
  std::snprintf(text, sizeof text, name ? "%.1f %s" : "%.0f %s", value, names[name]);
  return text;
}

}  // namespace saker
