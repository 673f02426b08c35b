// SPDX-License-Identifier: Apache-2.0
#include "enrich/image_pool.h"

#include <doctest/doctest.h>

#include <set>
#include <vector>

namespace saker::enrich {
namespace {

TEST_CASE("image pool: memory is used again, and what an earlier image left there is gone") {
  ImagePool pool;
  constexpr unsigned tag = 7;
  std::set<Image*> first;
  std::vector<Image*> taken;
  for (unsigned i = 0; i < 5000; i++) {
    Image* image = pool.take();
    REQUIRE(first.insert(image).second);
    CHECK(image->refs == 1);
    image->verdicts.keep(3, image->verdicts.tag(tag), true);
    image->depth = 9;
    image->exit_ts = 1;
    taken.push_back(image);
  }
  std::vector<std::uint64_t> before;
  for (Image* image : taken) before.push_back(image->verdicts.state());
  // In another order than that of their making; every third stays.
  for (unsigned i = 0; i < 5000; i++)
    if (const unsigned at = i * 7 % 5000; at % 3) pool.give_back(taken[at]);
  std::set<Image*> again;
  unsigned others = 0;
  for (unsigned i = 0; i < 5000; i++) {
    if (i % 3 == 0) continue;
    Image* image = pool.take();
    REQUIRE(again.insert(image).second);
    others += !first.contains(image);
    CHECK(image->depth == 0);
    CHECK(image->exit_ts == 0);
    CHECK(image->verdicts.find(3, image->verdicts.tag(tag)) == ProcessCache::Verdict::unknown);
  }
  // Only those of the slab that was being filled.
  CHECK(others < (128u << 10) / sizeof(Image));
  for (unsigned i = 0; i < 5000; i += 3) {
    CHECK_FALSE(again.contains(taken[i]));
    CHECK(taken[i]->depth == 9);
    CHECK(taken[i]->verdicts.state() == before[i]);
    pool.give_back(taken[i]);
  }
  for (Image* image : again) pool.give_back(image);
  // The second time, the slabs were free all the while.
  for (int i = 0; i < 3; i++) pool.trim();
  Image* image = pool.take();
  CHECK(image->refs == 1);
  pool.give_back(image);
}

}  // namespace
}  // namespace saker::enrich
