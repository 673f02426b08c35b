// SPDX-License-Identifier: Apache-2.0
// Reads a database of SQLite while its owner writes it: what podman 5 knows of containers. Nothing
// of SQL is read, so nothing that the file holds is executed. No lock is taken, so the owner never
// waits. The owner may be an attacker: every number in the file is checked, and an amount that is
// read is limited. Only databases with a rollback journal, in UTF-8. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/fd.h"

namespace saker::enrich {

class SqliteFile {
 public:
  static Result<SqliteFile> open(const std::string& path);

  // A text or blob, in column number `column` of a row whose column number `key_column` is `key`.
  std::optional<std::string> value(std::string_view table, unsigned key_column,
                                   std::string_view key, unsigned column);
  // False: the owner wrote meanwhile, or not everything that was asked could be read.
  bool is_whole();

 private:
  // A row: the beginning of its bytes is in its page, the rest in a list of other pages.
  struct Row {
    std::string_view begin;
    std::uint64_t size = 0;
    std::uint32_t more = 0;  // the first page of that list
  };
  // False: enough.
  using Take = std::function<bool(const Row&)>;

  bool read_header();
  bool has_journal() const;
  std::string read(std::uint32_t page);
  std::string whole(const Row& row);
  bool take_leaf(std::string_view page, std::size_t at, const Take& take);
  bool walk(std::uint32_t root, unsigned depth, const Take& take);

  std::string path_;
  Fd fd_;
  std::size_t page_size_ = 0, used_ = 0;  // of a page; without what extensions keep at its end
  std::size_t budget_ = 0;
  std::uint32_t change_ = 0;
  bool damaged_ = false;
};

}  // namespace saker::enrich
