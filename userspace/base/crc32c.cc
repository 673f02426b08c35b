// SPDX-License-Identifier: Apache-2.0
#include "base/crc32c.h"

#include <array>
#include <cstring>

namespace saker {
namespace {

constexpr std::uint32_t polynomial = 0x82f63b78;  // reflected
constexpr std::size_t step = 8;
using Tables = std::array<std::array<std::uint32_t, 256>, step>;

// tables[n][b]: the sum of the byte b followed by n zero bytes.
constexpr Tables make_tables() {
  Tables tables{};
  for (std::uint32_t byte = 0; byte < 256; byte++) {
    std::uint32_t sum = byte;
    for (int bit = 0; bit < 8; bit++) sum = sum >> 1 ^ (sum & 1 ? polynomial : 0);
    tables[0][byte] = sum;
  }
  for (std::size_t n = 1; n < step; n++)
    for (std::size_t byte = 0; byte < 256; byte++)
      tables[n][byte] = tables[n - 1][byte] >> 8 ^ tables[0][tables[n - 1][byte] & 0xff];
  return tables;
}
constexpr Tables tables = make_tables();

std::uint32_t by_table(const char* at, std::size_t size, std::uint32_t sum) {
  for (; size >= step; at += step, size -= step) {
    std::uint64_t word;
    std::memcpy(&word, at, sizeof(word));
    word ^= sum;
    sum = 0;
    for (std::size_t i = 0; i < step; i++) sum ^= tables[step - 1 - i][word >> 8 * i & 0xff];
  }
  for (; size > 0; at++, size--)
    sum = sum >> 8 ^ tables[0][(sum ^ static_cast<unsigned char>(*at)) & 0xff];
  return sum;
}

#ifdef __x86_64__
__attribute__((target("sse4.2"))) std::uint32_t by_instruction(const char* at, std::size_t size,
                                                               std::uint32_t sum) {
  std::uint64_t wide = sum;
  for (; size >= sizeof(std::uint64_t); at += 8, size -= 8) {
    std::uint64_t word;
    std::memcpy(&word, at, sizeof(word));
    wide = __builtin_ia32_crc32di(wide, word);
  }
  sum = static_cast<std::uint32_t>(wide);
  for (; size > 0; at++, size--) sum = __builtin_ia32_crc32qi(sum, static_cast<unsigned char>(*at));
  return sum;
}
#endif

}  // namespace

std::uint32_t crc32c(std::string_view bytes, std::uint32_t before) {
  const std::uint32_t sum = ~before;
#ifdef __x86_64__
  if (__builtin_cpu_supports("sse4.2")) return ~by_instruction(bytes.data(), bytes.size(), sum);
#endif
  return ~by_table(bytes.data(), bytes.size(), sum);
}

}  // namespace saker
