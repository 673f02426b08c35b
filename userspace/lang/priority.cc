// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "lang/rules.h"

namespace saker::lang {
namespace {

constexpr std::array<std::string_view, 8> names = {"Emergency", "Alert",  "Critical",      "Error",
                                                   "Warning",   "Notice", "Informational", "Debug"};

bool same_word(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const auto lower = [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    };
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

}  // namespace

std::string_view priority_name(Priority priority) {
  return names[static_cast<std::size_t>(priority)];
}

std::optional<Priority> parse_priority(std::string_view text) {
  if (same_word(text, "info")) return Priority::informational;
  for (std::size_t i = 0; i < names.size(); ++i)
    if (same_word(text, names[i])) return static_cast<Priority>(i);
  return std::nullopt;
}

}  // namespace saker::lang
