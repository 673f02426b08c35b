// SPDX-License-Identifier: Apache-2.0
#include "match/candidate_set.h"

#include <doctest/doctest.h>

#include <vector>

namespace saker::match {
namespace {

constexpr std::uint32_t count = 10000;  // more than one word of summaries

std::vector<std::uint64_t> set_of(std::initializer_list<std::uint32_t> positions) {
  std::vector<std::uint64_t> set(CandidateSet::words(count));
  for (std::uint32_t position : positions)
    set[CandidateSet::head_words(count) + position / 64] |= std::uint64_t{1} << position % 64;
  CandidateSet::finish(set.data(), count);
  return set;
}

std::vector<std::uint32_t> list(const CandidateSet& candidates) {
  std::vector<std::uint32_t> positions(4);
  std::size_t found = candidates.list(positions);
  REQUIRE(found <= positions.size());
  positions.resize(found);
  return positions;
}

}  // namespace

TEST_CASE("candidate set: what all sets have, in order") {
  std::vector<std::uint64_t> a = set_of({0, 63, 64, 4096, 4097, 9999}),
                             b = set_of({1, 63, 4097, 9999}), c = set_of({63, 9999});
  CandidateSet candidates(count);
  candidates.narrow(CacheKind::process, a.data());
  candidates.narrow(CacheKind::path, b.data());
  CHECK(list(candidates) == std::vector<std::uint32_t>{63, 4097, 9999});
  CHECK(candidates.possible(4097));
  CHECK_FALSE(candidates.possible(0));
  candidates.narrow(CacheKind::command, c.data());
  CHECK(list(candidates) == std::vector<std::uint32_t>{63, 9999});
  CHECK_FALSE(candidates.possible(4097));
}

TEST_CASE("candidate set: more than there is room for, and nothing known at all") {
  std::vector<std::uint64_t> a = set_of({0, 1, 2, 3, 4});
  std::vector<std::uint32_t> room(4);
  CandidateSet many(count), all(count), few(3);
  many.narrow(CacheKind::process, a.data());
  CHECK(many.list(room) > room.size());
  CHECK(many.possible(4));
  CHECK(all.list(room) > room.size());
  CHECK(all.possible(9999));
  CHECK(list(few) == std::vector<std::uint32_t>{0, 1, 2});
}

TEST_CASE("candidate set: sets of one, two and three words") {
  for (std::uint32_t entries : {64u, 65u, 128u, 129u}) {
    CAPTURE(entries);
    std::vector<std::uint64_t> set(CandidateSet::words(entries));
    for (std::uint32_t position : {0u, 63u, entries - 1})
      set[CandidateSet::head_words(entries) + position / 64] |= std::uint64_t{1} << position % 64;
    CandidateSet::finish(set.data(), entries);
    CandidateSet candidates(entries);
    candidates.narrow(CacheKind::process, set.data());
    std::vector<std::uint32_t> expected{0, 63};
    if (entries > 64) expected.push_back(entries - 1);
    CHECK(list(candidates) == expected);
    candidates.mark_seen(0, 63, false);
    std::erase(expected, 63u);
    CHECK(list(candidates) == expected);
  }
}

TEST_CASE("candidate set: what was looked at once is not looked at again") {
  std::vector<std::uint64_t> a = set_of({0, 63, 64, 4096, 9999}), b = set_of({0, 64, 4096, 9999});
  CandidateSet candidates(count);
  candidates.narrow(CacheKind::process, a.data());
  candidates.narrow(CacheKind::path, b.data());
  std::vector<std::uint32_t> room(3);
  CHECK(candidates.unseen(0, room) == 3);
  CHECK(room == std::vector<std::uint32_t>{0, 64, 4096});
  candidates.mark_seen(0, 0, true);
  candidates.mark_seen(0, 64, false);
  candidates.mark_seen(0, 4096, false);
  CHECK(list(candidates) == std::vector<std::uint32_t>{0, 9999});
  CHECK(candidates.unseen(0, room) == 1);
  CHECK(room[0] == 9999);
  // Nothing is known about the other set; entries excluded by the first set are not looked up
  // there.
  CHECK(candidates.unseen(1, room) == 2);
  CHECK(room[0] == 0);
  CHECK(room[1] == 9999);
  // The same, asked with the list.
  CHECK(candidates.unseen(0, list(candidates), room) == 1);
  CHECK(room[0] == 9999);
  CHECK(candidates.unseen(1, list(candidates), room) == 2);
  // Another event with the same value of the first set.
  CandidateSet later(count);
  later.narrow(CacheKind::process, a.data());
  CHECK(list(later) == std::vector<std::uint32_t>{0, 63, 9999});
  CHECK_FALSE(later.possible(64));
}

}  // namespace saker::match
