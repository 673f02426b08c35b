// SPDX-License-Identifier: Apache-2.0
// Columns: one number for each of many rows, in the form that takes the least space. A replay
// spends its time on reading, so forms with a fixed width are used where they cost little more
// space.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "recording/bytes.h"

namespace saker::recording {

void put_column(std::string& to, std::span<const std::uint64_t> values);
// Fills `values`; false if the bytes are not a column of that many numbers.
bool get_column(ByteReader& from, std::span<std::uint64_t> values);

// The numbers of a column, ready to be read: a view into it.
struct ColumnView {
  const char* at = nullptr;
  std::size_t step = 0;  // in bytes; 0: one number for all rows
  std::uint64_t mask = 0;

  std::uint64_t operator[](std::size_t row) const {
    std::uint64_t word;
    std::memcpy(&word, at + row * step, sizeof word);
    return word & mask;
  }
  std::uint32_t at32(std::size_t row) const { return static_cast<std::uint32_t>((*this)[row]); }
};

// A column that stays in the bytes that it is read from, which must outlive it. Numbers of one
// width are read where they are; others are unpacked when the first of them is used, because most
// columns of most blocks are never used.
class Column {
 public:
  // False if the bytes are not a column of that many rows.
  bool get(ByteReader& from, std::size_t rows);
  // Whether it needs a place for its numbers, one for each row. Give it one before the first use.
  bool needs_place() const { return !view_.at && !bytes_.empty(); }
  void set_place(std::uint64_t* place) { place_ = place; }

  // Whether all its numbers are from `least` on and below `limit`, which is not less.
  bool within(std::uint64_t least, std::uint64_t limit);

  const ColumnView& view() {
    if (!view_.at) [[unlikely]]
      unpack();
    return view_;
  }
  std::uint64_t operator[](std::size_t row) { return view()[row]; }

 private:
  void unpack();

  ColumnView view_;
  std::uint64_t constant_ = 0;
  // While it is packed: its form, its bytes, and where they go.
  int form_ = 0;
  std::string_view bytes_;
  std::size_t rows_ = 0;
  std::uint64_t* place_ = nullptr;
};

}  // namespace saker::recording
