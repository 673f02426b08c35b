// SPDX-License-Identifier: Apache-2.0
// A database as podman 5 writes it, made by SQLite.
#pragma once

#include <doctest/doctest.h>
#include <sqlite3.h>

#include <string>

namespace saker::enrich::test {

inline void sql(sqlite3* db, const std::string& statement) {
  INFO(statement.substr(0, 80));
  REQUIRE(sqlite3_exec(db, statement.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
}

// podman binds the JSON as bytes, so it is a blob.
inline void add_podman5(sqlite3* db, const std::string& id, const std::string& json) {
  sqlite3_stmt* row = nullptr;
  const char* insert = "INSERT INTO ContainerConfig VALUES (?, ?, NULL, ?)";
  REQUIRE(sqlite3_prepare_v2(db, insert, -1, &row, nullptr) == SQLITE_OK);
  sqlite3_bind_text(row, 1, id.c_str(), -1, SQLITE_TRANSIENT);
  sqlite3_bind_text(row, 2, ("name of " + id).c_str(), -1, SQLITE_TRANSIENT);
  sqlite3_bind_blob(row, 3, json.data(), static_cast<int>(json.size()), SQLITE_TRANSIENT);
  CHECK(sqlite3_step(row) == SQLITE_DONE);
  sqlite3_finalize(row);
}

// A container among `others` with configurations of many sizes.
inline void write_podman5(const std::string& path, int page_size, int others, const std::string& id,
                          const std::string& json) {
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
  sql(db, "PRAGMA page_size=" + std::to_string(page_size));
  sql(db, "PRAGMA synchronous=OFF");
  sql(db, "BEGIN");
  sql(db, "CREATE TABLE IDNamespace(ID TEXT PRIMARY KEY NOT NULL)");
  sql(db,
      "CREATE TABLE ContainerConfig(ID TEXT PRIMARY KEY NOT NULL, Name TEXT UNIQUE NOT NULL, "
      "PodID TEXT, JSON TEXT NOT NULL, "
      "FOREIGN KEY (ID) REFERENCES IDNamespace(ID) DEFERRABLE INITIALLY DEFERRED)");
  for (int i = 0; i <= others; i++) {
    const std::string name = std::to_string(i) + std::string(60, 'c');
    add_podman5(db, name, "{\"labels\":{\"of\":\"" + std::string(i * 37 % 9000, 'x') + "\"}}");
    if (i == others / 2) add_podman5(db, id, json);
  }
  sql(db, "COMMIT");
  REQUIRE(sqlite3_close(db) == SQLITE_OK);
}

}  // namespace saker::enrich::test
