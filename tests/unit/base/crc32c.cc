// SPDX-License-Identifier: Apache-2.0
#include "base/crc32c.h"

#include <doctest/doctest.h>

#include <string>

namespace saker {

// Of RFC 3720, B.4, and the usual one.
TEST_CASE("crc32c: known sums") {
  CHECK(crc32c("") == 0);
  CHECK(crc32c("123456789") == 0xe3069283);
  CHECK(crc32c(std::string(32, '\0')) == 0x8a9136aa);
  CHECK(crc32c(std::string(32, '\xff')) == 0x62a8ab43);
  std::string rising;
  for (char c = 0; c < 32; c++) rising += c;
  CHECK(crc32c(rising) == 0x46dd794e);
}

TEST_CASE("crc32c: goes on where it left off") {
  const std::string text = "alerts on disk until every output has had them";
  for (std::size_t cut = 0; cut <= text.size(); cut++)
    CHECK(crc32c(text.substr(cut), crc32c(text.substr(0, cut))) == crc32c(text));
}

}  // namespace saker
