// SPDX-License-Identifier: Apache-2.0
#include "match/key_cache.h"

#include <doctest/doctest.h>

#include <array>
#include <string>
#include <string_view>

#include "base/hash.h"

namespace saker::match {

TEST_CASE("key cache: kept from the second sight on, and found by the whole key") {
  KeyCache cache(64 << 10, 1024);
  CHECK(cache.find("/etc/passwd", 7) == nullptr);
  CHECK(cache.admit("/etc/passwd", 7, 2) == nullptr);
  CHECK(cache.find("/etc/passwd", 7) == nullptr);
  std::uint64_t* fresh = cache.admit("/etc/passwd", 7, 2);
  REQUIRE(fresh != nullptr);
  fresh[0] = 1, fresh[1] = 2;
  const std::uint64_t* kept = cache.find("/etc/passwd", 7);
  REQUIRE(kept != nullptr);
  CHECK(kept[1] == 2);
  // The hash alone is not enough.
  CHECK(cache.find("/etc/shadow", 7) == nullptr);
  CHECK(cache.find("/etc/passw", 7) == nullptr);
  cache.clear();
  CHECK(cache.find("/etc/passwd", 7) == nullptr);
}

TEST_CASE("key cache: what is put is kept at the first sight") {
  KeyCache cache(4 << 10, 64);
  std::uint64_t* fresh = cache.put("image", 7, 1);
  REQUIRE(fresh != nullptr);
  *fresh = 3;
  REQUIRE(cache.find("image", 7) != nullptr);
  CHECK(*cache.find("image", 7) == 3);
}

TEST_CASE("key cache: a key of words and the same key of bytes are one key") {
  KeyCache cache(4 << 10, 64);
  const std::array<std::uint64_t, 2> key{5, 6}, other{5, 7};
  const std::array<std::uint64_t, 1> shorter{5};
  const std::string_view bytes(reinterpret_cast<const char*>(key.data()), sizeof(key));
  CHECK(cache.find(key, 7) == nullptr);
  std::uint64_t* fresh = cache.put(bytes, 7, 1);
  REQUIRE(fresh != nullptr);
  *fresh = 3;
  CHECK(cache.find(key, 7) == fresh);
  CHECK(cache.find(bytes, 7) == fresh);
  CHECK(cache.find(other, 7) == nullptr);
  CHECK(cache.find(shorter, 7) == nullptr);
}

TEST_CASE("key cache: what comes once displaces nothing, and more than fits displaces the old") {
  KeyCache cache(4 << 10, 64);
  auto twice = [&](const std::string& key) {
    std::uint64_t hash = hash_bytes(key);
    cache.admit(key, hash, 1);
    std::uint64_t* fresh = cache.admit(key, hash, 1);
    if (fresh) *fresh = hash;
  };
  twice("often");
  for (int i = 0; i < 10000; i++) {
    std::string key = "once" + std::to_string(i);
    cache.admit(key, hash_bytes(key), 1);
  }
  CHECK(cache.find("often", hash_bytes("often")) != nullptr);
  std::size_t there = 0;
  for (int i = 0; i < 1000; i++) twice("many" + std::to_string(i));
  for (int i = 0; i < 1000; i++) {
    std::string key = "many" + std::to_string(i);
    const std::uint64_t* kept = cache.find(key, hash_bytes(key));
    if (kept) CHECK(*kept == hash_bytes(key));
    there += kept != nullptr;
  }
  CHECK(there > 16);
  CHECK(there < 200);
}

}  // namespace saker::match
