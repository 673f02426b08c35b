// SPDX-License-Identifier: Apache-2.0
// Numbers of a file's format, least significant byte first. Pure functions.
#pragma once

#include <cstring>
#include <string>

namespace saker {

template <typename T>
void append_le(std::string& out, T value) {
  static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);
  out.append(reinterpret_cast<const char*>(&value), sizeof(value));
}
template <typename T>
T read_le(const char* at) {
  T value;
  std::memcpy(&value, at, sizeof(value));
  return value;
}

}  // namespace saker
