// SPDX-License-Identifier: Apache-2.0
#include "scap/state/ended.h"

#include <doctest/doctest.h>

namespace saker::scap {

TEST_CASE("scap: the threads that ended last are found by number, parent and time") {
  RecentlyEnded ended;
  auto at = [](std::uint64_t wanted) { return [=](std::uint64_t time) { return time == wanted; }; };
  CHECK_FALSE(ended.any(7, 1, at(100)));
  ended.add(7, 1, 100);
  ended.add(7, 2, 200);
  CHECK(ended.any(7, 1, at(100)));
  CHECK(ended.any(7, 2, at(200)));
  CHECK_FALSE(ended.any(7, 1, at(200)));
  CHECK_FALSE(ended.any(8, 1, at(100)));
  // One fewer than fit.
  for (std::size_t i = 0; i + 1 < RecentlyEnded::kept; i++)
    ended.add(1000 + static_cast<std::int64_t>(i), 1, 300);
  CHECK_FALSE(ended.any(7, 1, at(100)));
  CHECK(ended.any(7, 2, at(200)));
  CHECK(ended.any(1000, 1, at(300)));
  // Many with one number, until the memory was filled twice.
  for (std::uint64_t i = 0; i < 3 * RecentlyEnded::kept; i++) ended.add(9, 1, i);
  CHECK_FALSE(ended.any(7, 2, at(200)));
  CHECK_FALSE(ended.any(9, 1, at(2 * RecentlyEnded::kept - 1)));
  CHECK(ended.any(9, 1, at(2 * RecentlyEnded::kept)));
  CHECK(ended.any(9, 1, at(3 * RecentlyEnded::kept - 1)));
  ended.clear();
  CHECK_FALSE(ended.any(9, 1, at(3 * RecentlyEnded::kept - 1)));
}

}  // namespace saker::scap
