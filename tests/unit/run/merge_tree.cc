// SPDX-License-Identifier: Apache-2.0
#include "run/merge_tree.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace saker::run {
namespace {

TEST_CASE("merge tree: keys of any number of sources come in order, of the same time by place") {
  std::mt19937 random(1);
  MergeTree tree;  // used again, as its memory is
  for (std::size_t sources : {1, 2, 3, 7, 8, 9, 64, 65, 300, 5}) {
    std::vector<std::vector<std::uint64_t>> times(sources);
    std::vector<MergeTree::Key> expected, first;
    for (std::size_t place = 0; place < sources; place++) {
      for (unsigned i = 0; i < 1 + random() % 20; i++) times[place].push_back(random() % 50);
      std::sort(times[place].begin(), times[place].end());
      for (std::uint64_t ts : times[place]) expected.push_back({ts, place});
      first.push_back(expected[expected.size() - times[place].size()]);
    }
    std::sort(expected.begin(), expected.end());
    tree.begin(first);
    std::vector<std::size_t> used(sources, 0);
    for (const MergeTree::Key& key : expected) {
      REQUIRE(tree.front().ts == key.ts);
      REQUIRE(tree.front().place == key.place);
      const auto& own = times[key.place];
      const std::size_t next = ++used[key.place];
      tree.replace_front(next < own.size() ? own[next] : MergeTree::never);
    }
    CHECK(tree.front().ts == MergeTree::never);
  }
}

// As in a damaged ring: the rest of that source comes when its times are in order again.
TEST_CASE("merge tree: a source that goes back in time is next, and no key is lost") {
  MergeTree tree;
  const std::vector<MergeTree::Key> first{{10, 0}, {20, 1}, {30, 2}};
  tree.begin(first);
  tree.replace_front(25);
  CHECK(tree.front().place == 1);
  tree.replace_front(5);
  CHECK((tree.front().place == 1 && tree.front().ts == 5));
  tree.replace_front(MergeTree::never);
  CHECK(tree.front().place == 0);
  tree.replace_front(MergeTree::never);
  CHECK(tree.front().place == 2);
}

}  // namespace
}  // namespace saker::run
