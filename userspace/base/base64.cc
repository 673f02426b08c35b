// SPDX-License-Identifier: Apache-2.0
#include "base/base64.h"

#include <cstddef>
#include <cstdint>

namespace saker {

void append_base64(std::string& out, std::string_view raw) {
  static constexpr char digits[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t at = 0; at < raw.size(); at += 3) {
    const std::size_t count = raw.size() - at < 3 ? raw.size() - at : 3;
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; i++)
      bits = bits << 8 | (i < count ? static_cast<std::uint8_t>(raw[at + i]) : 0u);
    for (std::size_t i = 0; i < 4; i++) out += i <= count ? digits[bits >> (18 - 6 * i) & 63] : '=';
  }
}

}  // namespace saker
