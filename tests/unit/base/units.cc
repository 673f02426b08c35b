// SPDX-License-Identifier: Apache-2.0
#include "base/units.h"

#include <doctest/doctest.h>

namespace saker {

TEST_CASE("units: sizes and times as people write them") {
  CHECK(parse_size("0") == 0);
  CHECK(parse_size("4096") == 4096);
  CHECK(parse_size("64KiB") == 64u << 10);
  CHECK(parse_size("10 MiB") == 10u << 20);
  CHECK(parse_size("2G") == std::uint64_t{2} << 30);
  CHECK(parse_duration("90") == 90'000'000'000);
  CHECK(parse_duration("250ms") == 250'000'000);
  CHECK(parse_duration("2h") == 7'200'000'000'000);
  CHECK(parse_duration("1h30m500ms") == 5'400'500'000'000);
  CHECK_FALSE(parse_duration("1h30"));
  CHECK_FALSE(parse_duration("1h 30m"));
  for (const char* wrong : {"", "MiB", "-1", "1.5G", "10 minutes", "99999999999G", "5 KB"})
    CHECK_FALSE(parse_size(wrong));
  for (const char* wrong : {"", "s", "-5s", "5 years", "99999999999999d"})
    CHECK_FALSE(parse_duration(wrong));
  CHECK(size_text(512) == "512 bytes");
  CHECK(size_text(3 << 19) == "1.5 MiB");
}

}  // namespace saker
