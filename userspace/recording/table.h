// SPDX-License-Identifier: Apache-2.0
// The parts of an events block: tables of numbers, stored by column, and a list of texts that the
// numbers refer to. One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash_index.h"
#include "recording/bytes.h"
#include "recording/column.h"

namespace saker::recording {

// Sections of an events block's content: number, length, bytes. A reader skips those it does not
// know.
enum Section : std::uint64_t {
  texts_section = 1,
  containers_section = 2,
  mounts_section = 3,
  images_section = 4,
  facts_section = 5,
  user_sets_section = 6,
  users_section = 7,
  groups_section = 8,
  contexts_section = 9,
  bodies_section = 10,  // one for each type of event
  events_section = 11,
  // 12 to 16: for captures (scap/columns.h).
};
void put_section(std::string& to, Section section, std::string_view bytes);

// Rows to be written, row by row.
class TableWriter {
 public:
  explicit TableWriter(std::size_t columns) : columns_(columns) {}
  std::uint32_t add(std::span<const std::uint64_t> row) {
    for (std::uint64_t value : row) values_.push_back(value);
    return rows_++;
  }
  std::size_t rows() const { return rows_; }
  std::span<const std::uint64_t> row(std::size_t index) const {
    return {values_.data() + index * columns_, columns_};
  }
  void put(std::string& to) const;
  void clear() {
    values_.clear();
    rows_ = 0;
  }

 private:
  std::size_t columns_;
  std::uint32_t rows_ = 0;
  std::vector<std::uint64_t> values_;
};

// Nothing for a table without rows.
void put_table(std::string& to, Section section, const TableWriter& table);

// A view into the bytes that it is read from, which must outlive it.
class TableReader {
 public:
  static constexpr std::uint64_t most_rows = 1u << 16;
  static constexpr std::uint64_t most_columns = 160;

  TableReader() = default;
  TableReader(TableReader&&) = default;  // a copy would refer to the numbers of the original
  TableReader& operator=(TableReader&&) = default;

  // The number of rows according to the table at `from`, without reading the table.
  static std::uint64_t count_rows(ByteReader from) { return from.number(); }
  // False: invalid table. Allocates no more than the constants allow.
  bool get(ByteReader& from);
  // Keeps the memory.
  void clear() { rows_ = count_ = 0; }
  std::size_t rows() const { return rows_; }
  std::size_t columns() const { return count_; }
  // 0 for a column that the writer did not have.
  std::uint64_t at(std::size_t row, std::size_t column) const {
    return column < count_ ? columns_[column][row] : 0;
  }
  std::uint32_t at32(std::size_t row, std::size_t column) const {
    return static_cast<std::uint32_t>(at(row, column));
  }
  // The numbers of a column, for reading many of them.
  ColumnView column(std::size_t column) const {
    static constexpr std::uint64_t none = 0;
    return column < count_ ? columns_[column].view()
                           : ColumnView{reinterpret_cast<const char*>(&none), 0, 0};
  }
  // Whether the numbers of a column are all from `least` on and below `limit`.
  bool within(std::size_t column, std::uint64_t least, std::uint64_t limit) const;

 private:
  std::size_t rows_ = 0, count_ = 0;
  mutable std::vector<Column> columns_;  // unpacked when they are used
  // For the numbers of columns that must be unpacked. Never smaller than for the last table; no
  // page of it is touched before it is needed.
  std::unique_ptr<std::uint64_t[]> places_;
  std::size_t room_ = 0;
};

// Texts by number, each once; number 0 is "".
class TextWriter {
 public:
  TextWriter() { put(""); }
  std::uint32_t put(std::string_view text);
  std::size_t bytes() const { return bytes_.size(); }
  std::size_t count() const { return places_.size(); }
  void put_all(std::string& to) const;
  void clear();

 private:
  struct Place {
    std::uint32_t at, length;
  };
  std::string_view text(std::uint32_t index) const {
    return std::string_view(bytes_).substr(places_[index].at, places_[index].length);
  }
  std::string bytes_;
  std::vector<Place> places_;
  HashIndex index_;
};

class TextReader {
 public:
  static constexpr std::uint64_t most_texts = 1u << 20;

  // The texts are views into the bytes read from.
  bool get(ByteReader& from);
  void clear() { texts_.clear(); }
  std::string_view at(std::uint64_t index) const {
    return index < texts_.size() ? texts_[index] : std::string_view();
  }

 private:
  std::vector<std::string_view> texts_;
};

}  // namespace saker::recording
