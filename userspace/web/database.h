// SPDX-License-Identifier: Apache-2.0
// A file of SQLite and its statements, as values with errors in place of codes. Of one thread.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"

namespace saker::web {

// Prepared once, run often. A step that fails is seen by Database::problem().
class Statement {
 public:
  Statement() = default;

  // From 1 on; texts must live until reset().
  Statement& bind(int place, std::int64_t value);
  Statement& bind(int place, std::string_view text);
  // Whether there is a row.
  bool step();
  // One that gives no rows: runs it and resets it.
  bool run();
  void reset();

  // From 0 on, of the row.
  std::int64_t number(int column) const;
  std::string_view text(int column) const;  // until the next step

 private:
  friend class Database;
  struct Free {
    void operator()(sqlite3_stmt* statement) const { ::sqlite3_finalize(statement); }
  };
  std::unique_ptr<sqlite3_stmt, Free> statement_;
};

class Database {
 public:
  enum class Use : std::uint8_t { read, write };

  static Result<Database> open(const std::string& path, Use use);

  Result<Statement> prepare(const std::string& sql);
  // Several, without rows.
  Result<void> execute(const std::string& sql);
  // Of the last step that failed; "": none since the last call.
  std::string problem();
  // Whether the last step failed because there was no more time.
  bool interrupted() const { return ::sqlite3_errcode(handle_.get()) == SQLITE_INTERRUPT; }
  // What runs is given up once `over(data)` is not 0.
  void watch(int (*over)(void*), void* data) {
    ::sqlite3_progress_handler(handle_.get(), 2000, over, data);
  }
  const std::string& path() const { return path_; }

 private:
  struct Close {
    void operator()(sqlite3* handle) const { ::sqlite3_close_v2(handle); }
  };
  std::unique_ptr<sqlite3, Close> handle_;
  std::string path_;
};

}  // namespace saker::web
