// SPDX-License-Identifier: Apache-2.0
#include "match/remains.h"

#include <doctest/doctest.h>

#include <vector>

namespace saker::match {
namespace {

constexpr std::uint32_t count = 10000;  // more than a word of heads

std::vector<std::uint64_t> set_of(std::initializer_list<std::uint32_t> positions) {
  std::vector<std::uint64_t> set(Remains::words(count));
  for (std::uint32_t position : positions)
    set[Remains::head_words(count) + position / 64] |= std::uint64_t{1} << position % 64;
  Remains::fill_head(set.data(), count);
  return set;
}

std::vector<std::uint32_t> list(const Remains& remains) {
  std::vector<std::uint32_t> positions(4);
  std::size_t found = remains.list(positions);
  REQUIRE(found <= positions.size());
  positions.resize(found);
  return positions;
}

}  // namespace

TEST_CASE("remains: what all sets have, in order") {
  std::vector<std::uint64_t> a = set_of({0, 63, 64, 4096, 4097, 9999}),
                             b = set_of({1, 63, 4097, 9999}), c = set_of({63, 9999});
  Remains remains(count);
  remains.narrow(a.data());
  remains.narrow(b.data());
  CHECK(list(remains) == std::vector<std::uint32_t>{63, 4097, 9999});
  CHECK(remains.possible(4097));
  CHECK_FALSE(remains.possible(0));
  remains.narrow(c.data());
  CHECK(list(remains) == std::vector<std::uint32_t>{63, 9999});
  CHECK_FALSE(remains.possible(4097));
}

TEST_CASE("remains: more than there is room for, and nothing known at all") {
  std::vector<std::uint64_t> a = set_of({0, 1, 2, 3, 4});
  std::vector<std::uint32_t> room(4);
  Remains many(count), all(count), few(3);
  many.narrow(a.data());
  CHECK(many.list(room) > room.size());
  CHECK(many.possible(4));
  CHECK(all.list(room) > room.size());
  CHECK(all.possible(9999));
  CHECK(list(few) == std::vector<std::uint32_t>{0, 1, 2});
}

}  // namespace saker::match
