// SPDX-License-Identifier: Apache-2.0
#include "enrich/sqlite_file.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include "podman5.h"

namespace saker::enrich {
namespace {

namespace fs = std::filesystem;
const std::string id(64, 'a');

struct TempDatabase {
  std::string path = fs::temp_directory_path() / ("saker-sqlite-" + std::to_string(::getpid()));
  TempDatabase() { remove(); }
  ~TempDatabase() { remove(); }
  void remove() const {
    for (const char* end : {"", "-journal", "-wal", "-shm"}) fs::remove(path + end);
  }
  std::string bytes() const {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void write(const std::string& bytes) const { std::ofstream(path, std::ios::binary) << bytes; }
  std::optional<std::string> config() const {
    Result<SqliteFile> file = SqliteFile::open(path);
    if (!file) return std::nullopt;
    std::optional<std::string> out = file->value("ContainerConfig", 0, id, 3);
    return file->is_whole() ? out : std::nullopt;
  }
};

TEST_CASE("sqlite file: a row is found, whatever the size of pages, rows and table") {
  for (int page_size : {512, 1024, 4096, 65536})
    for (int others : {0, 1, 40, 900})
      for (std::size_t size : {0, 1, 300, 3900, 4061, 4062, 5000, 100'000}) {
        CAPTURE(page_size);
        CAPTURE(others);
        CAPTURE(size);
        TempDatabase db;
        const std::string json = "{" + std::string(size, 'j') + "}";
        test::write_podman5(db.path, page_size, others, id, json);
        CHECK(db.config() == json);
        Result<SqliteFile> file = SqliteFile::open(db.path);
        REQUIRE(file);
        CHECK(file->value("ContainerConfig", 1, "name of " + id, 0) == id);
        CHECK(!file->value("ContainerConfig", 0, "no such id", 3));
        CHECK(!file->value("NoSuchTable", 0, id, 3));
        CHECK(!file->value("ContainerConfig", 0, id, 4));
        CHECK(file->is_whole());
      }
}

TEST_CASE("sqlite file: what the owner writes meanwhile is not used") {
  TempDatabase db;
  test::write_podman5(db.path, 4096, 5, id, "{}");
  Result<SqliteFile> file = SqliteFile::open(db.path);
  REQUIRE(file);
  CHECK(file->value("ContainerConfig", 0, id, 3) == "{}");
  sqlite3* owner = nullptr;
  REQUIRE(sqlite3_open(db.path.c_str(), &owner) == SQLITE_OK);
  SUBCASE("a commit") {
    test::sql(owner, "UPDATE ContainerConfig SET JSON='[]' WHERE ID='" + id + "'");
    CHECK(!file->is_whole());
    CHECK(db.config() == "[]");
  }
  SUBCASE("an open transaction") {
    test::sql(owner, "BEGIN");
    test::sql(owner, "UPDATE ContainerConfig SET JSON='[]' WHERE ID='" + id + "'");
    CHECK(!file->is_whole());
    CHECK(!db.config());
    test::sql(owner, "ROLLBACK");
    CHECK(db.config() == "{}");
  }
  sqlite3_close(owner);
}

TEST_CASE("sqlite file: another form is refused") {
  TempDatabase db;
  CHECK(!SqliteFile::open(db.path));
  db.write("");
  CHECK(!SqliteFile::open(db.path));
  test::write_podman5(db.path, 4096, 5, id, "{}");
  const std::string good = db.bytes();
  for (std::size_t at : {0, 17, 19, 59}) {
    std::string bytes = good;
    bytes[at] ^= 3;
    db.write(bytes);
    CAPTURE(at);
    CHECK(!SqliteFile::open(db.path));
  }
}

TEST_CASE("sqlite file: damage of any kind ends within the limits") {
  TempDatabase db;
  test::write_podman5(db.path, 512, 60, id, "{" + std::string(2000, 'j') + "}");
  const std::string good = db.bytes();
  std::minstd_rand random(7);
  std::size_t found = 0;
  for (int round = 0; round < 3000; round++) {
    std::string bytes = good;
    for (unsigned i = random() % 30; i > 0; i--)
      bytes[100 + random() % (bytes.size() - 100)] =
          static_cast<char>(random() % 5 ? random() : 255);
    if (round % 10 == 0) bytes.resize(random() % bytes.size());
    db.write(bytes);
    const std::optional<std::string> config = db.config();
    found += config.has_value();
    if (config) CHECK(config->size() <= 4u << 20);
  }
  CHECK(found > 0);
  CHECK(found < 3000);
  // A page that is its own child.
  std::string bytes = good;
  bytes[100] = 5;
  bytes.replace(103, 2, std::string("\0\0", 2));
  bytes.replace(108, 4, std::string("\0\0\0\1", 4));
  db.write(bytes);
  CHECK(!db.config());
}

}  // namespace
}  // namespace saker::enrich
