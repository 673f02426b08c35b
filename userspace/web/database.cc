// SPDX-License-Identifier: Apache-2.0
#include "web/database.h"

namespace saker::web {

Statement& Statement::bind(int place, std::int64_t value) {
  ::sqlite3_bind_int64(statement_.get(), place, value);
  return *this;
}

Statement& Statement::bind(int place, std::string_view text) {
  ::sqlite3_bind_text64(statement_.get(), place, text.data(), text.size(), SQLITE_STATIC,
                        SQLITE_UTF8);
  return *this;
}

bool Statement::step() { return ::sqlite3_step(statement_.get()) == SQLITE_ROW; }

bool Statement::run() {
  const int done = ::sqlite3_step(statement_.get());
  ::sqlite3_reset(statement_.get());
  return done == SQLITE_DONE || done == SQLITE_ROW;
}

void Statement::reset() { ::sqlite3_reset(statement_.get()); }

std::int64_t Statement::number(int column) const {
  return ::sqlite3_column_int64(statement_.get(), column);
}

std::string_view Statement::text(int column) const {
  const unsigned char* text = ::sqlite3_column_text(statement_.get(), column);
  if (!text) return {};
  return {reinterpret_cast<const char*>(text),
          static_cast<std::size_t>(::sqlite3_column_bytes(statement_.get(), column))};
}

Result<Database> Database::open(const std::string& path, Use use) {
  Database database;
  database.path_ = path;
  sqlite3* handle = nullptr;
  // A reader of a log that is written ahead needs to write into its index.
  const int flags = SQLITE_OPEN_READWRITE | (use == Use::write ? SQLITE_OPEN_CREATE : 0) |
                    SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW;
  const int opened = ::sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  database.handle_.reset(handle);
  if (opened != SQLITE_OK) return Error{path + ": " + ::sqlite3_errstr(opened)};
  ::sqlite3_busy_timeout(handle, 2000);
  // What a damaged or hostile file could make of it.
  ::sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  ::sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  return database;
}

Result<Statement> Database::prepare(const std::string& sql) {
  Statement out;
  sqlite3_stmt* statement = nullptr;
  if (::sqlite3_prepare_v3(handle_.get(), sql.c_str(), static_cast<int>(sql.size()),
                           SQLITE_PREPARE_PERSISTENT, &statement, nullptr) != SQLITE_OK)
    return Error{path_ + ": " + ::sqlite3_errmsg(handle_.get())};
  out.statement_.reset(statement);
  return out;
}

Result<void> Database::execute(const std::string& sql) {
  if (::sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
    return Error{path_ + ": " + ::sqlite3_errmsg(handle_.get())};
  return {};
}

std::string Database::problem() {
  const int code = ::sqlite3_errcode(handle_.get());
  if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW) return {};
  return path_ + ": " + ::sqlite3_errmsg(handle_.get());
}

}  // namespace saker::web
