// SPDX-License-Identifier: Apache-2.0
// An SQLite file and its statements, with errors instead of codes. Used by one thread.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"

namespace saker::web {

// Prepared once, run often. Database::problem() reports a failed step.
class Statement {
 public:
  Statement() = default;

  // From 1 on; texts must live until reset().
  Statement& bind(int place, std::int64_t value);
  Statement& bind(int place, std::string_view text);
  // True: there is a row.
  bool step();
  // For a statement without rows: runs it and resets it.
  bool run();
  void reset();

  // Columns of the row, from 0 on.
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
  // Runs several statements that return no rows.
  Result<void> execute(const std::string& sql);
  // The error of the last failed step; "": none since the last call.
  std::string problem();
  // Whether the last step failed because there was no more time.
  bool interrupted() const { return ::sqlite3_errcode(handle_.get()) == SQLITE_INTERRUPT; }
  // A running statement is aborted once `over(data)` is not 0.
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
