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

// A column that stays in the bytes that it is read from, which must outlive it. Numbers of one
// width are read where they are; others are unpacked when the first of them is used, because most
// columns of most blocks are never used.
class Column {
 public:
  // False if the bytes are not a column of that many rows.
  bool get(ByteReader& from, std::size_t rows);
  // Whether it needs a place for its numbers, one for each row. Give it one before the first use.
  bool needs_place() const { return !at_ && !bytes_.empty(); }
  void set_place(std::uint64_t* place) { place_ = place; }

  std::uint64_t operator[](std::size_t row) {
    if (!at_) [[unlikely]]
      unpack();
    std::uint64_t word;
    std::memcpy(&word, at_ + row * step_, sizeof word);
    return word & mask_;
  }

 private:
  void unpack();

  const char* at_ = nullptr;
  std::size_t step_ = 0;  // in bytes; 0: one number for all rows
  std::uint64_t mask_ = 0;
  std::uint64_t constant_ = 0;
  // While it is packed: its form, its bytes, and where they go.
  int form_ = 0;
  std::string_view bytes_;
  std::size_t rows_ = 0;
  std::uint64_t* place_ = nullptr;
};

}  // namespace saker::recording
