// SPDX-License-Identifier: Apache-2.0
#include "enrich/bolt_file.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "bolt_pages.h"

namespace saker::enrich {
namespace {

namespace fs = std::filesystem;
using test::BoltBucket;
using test::BoltPages;

struct Database {
  std::string path = fs::temp_directory_path() / ("saker-bolt-" + std::to_string(::getpid()));
  ~Database() { fs::remove_all(path); }
  void write(const std::string& text) const { std::ofstream(path, std::ios::binary) << text; }
};

BoltBucket many(std::size_t count, std::size_t per_page) {
  BoltBucket out;
  out.per_page = per_page;
  for (std::size_t i = 0; i < count; i++)
    out.values["key-" + std::to_string(1000 + i)] = std::string(i * 10, 'v');
  return out;
}

TEST_CASE("a database of bbolt: values in a bucket inside its parent, in pages, below branches") {
  Database database;
  BoltBucket top;
  top.buckets["small"].values["name"] = "web";
  top.buckets["small"].buckets["below"].values["a"] = "b";
  top.buckets["large"] = many(900, 20);
  database.write(BoltPages::file(top));
  Result<BoltFile> file = BoltFile::open(database.path);
  REQUIRE(file);
  CHECK(file->value({"small", "name"}) == "web");
  CHECK(file->value({"small", "below", "a"}) == "b");
  CHECK_FALSE(file->value({"small", "below"}));
  CHECK_FALSE(file->value({"small", "name", "x"}));
  CHECK_FALSE(file->value({"none", "name"}));
  for (std::size_t i : {0, 1, 19, 20, 500, 899})
    CHECK(file->value({"large", "key-" + std::to_string(1000 + i)}) == std::string(i * 10, 'v'));
  CHECK_FALSE(file->value({"large", "key-0"}));
  CHECK_FALSE(file->value({"large", "key-10000"}));
  std::size_t shown = 0, bytes = 0;
  file->each({"large"}, [&](std::string_view, std::string_view value) {
    shown++;
    bytes += value.size();
  });
  CHECK(shown == 900);
  CHECK(bytes == 10 * 900 * 899 / 2);
  CHECK(file->is_whole());
}

TEST_CASE("a database of bbolt: a commit while it is read is noticed") {
  Database database;
  BoltBucket top;
  top.values["name"] = "old";
  database.write(BoltPages::file(top, 7));
  Result<BoltFile> file = BoltFile::open(database.path);
  REQUIRE(file);
  CHECK(file->value({"name"}) == "old");
  CHECK(file->is_whole());
  top.values["name"] = "new";
  database.write(BoltPages::file(top, 8));
  CHECK_FALSE(file->is_whole());
  file = BoltFile::open(database.path);
  REQUIRE(file);
  CHECK(file->value({"name"}) == "new");
}

TEST_CASE("a database of bbolt: one that is damaged is noticed, and read in bounds") {
  Database database;
  database.write("");
  CHECK_FALSE(BoltFile::open(database.path));
  database.write(std::string(1 << 20, 'x'));
  CHECK_FALSE(BoltFile::open(database.path));
  BoltBucket top;
  top.buckets["large"] = many(200, 10);
  const std::string good = BoltPages::file(top);
  database.write(good.substr(0, 4 * BoltPages::page_size));
  Result<BoltFile> cut = BoltFile::open(database.path);
  REQUIRE(cut);
  CHECK_FALSE(cut->value({"large", "key-1100"}));
  CHECK_FALSE(cut->is_whole());

  std::mt19937 random(1);
  for (int round = 0; round < 2000; round++) {
    std::string bad = good;
    for (int i = 0; i < 8; i++) {
      // Where numbers are: the heads of pages and of their elements.
      const std::size_t page = 3 + random() % (good.size() / BoltPages::page_size - 3);
      bad[page * BoltPages::page_size + random() % 64] = static_cast<char>(random());
    }
    database.write(bad);
    Result<BoltFile> file = BoltFile::open(database.path);
    if (!file) continue;
    (void)file->value({"large", "key-1100"});
    std::size_t bytes = 0;
    file->each({"large"}, [&](std::string_view key, std::string_view value) {
      bytes += key.size() + value.size();
    });
    (void)file->is_whole();
  }
  // A branch that leads back to itself.
  BoltBucket loop;
  loop.values["a"] = "b";
  std::string text = BoltPages::file(loop);
  std::string page;
  append_le(page, std::uint64_t{3});
  append_le(page, std::uint16_t{1});
  append_le(page, std::uint16_t{2});
  append_le(page, std::uint32_t{0});
  for (int i = 0; i < 2; i++) {
    append_le(page, std::uint32_t{40});
    append_le(page, std::uint32_t{1});
    append_le(page, std::uint64_t{3});
  }
  text.replace(3 * BoltPages::page_size, page.size(), page);
  database.write(text);
  Result<BoltFile> file = BoltFile::open(database.path);
  REQUIRE(file);
  CHECK_FALSE(file->value({"a"}));
  file->each({}, [](std::string_view, std::string_view) {});
  CHECK_FALSE(file->is_whole());
}

}  // namespace
}  // namespace saker::enrich
