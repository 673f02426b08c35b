// SPDX-License-Identifier: Apache-2.0
// Reads the records of a segment one after the other, whatever happened to its bytes: damage is
// skipped up to the next block, and counted. The file may grow meanwhile. One thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/fd.h"

namespace saker::output {

class BlockReader {
 public:
  explicit BlockReader(Fd file) : file_(std::move(file)) {}

  // False: there is no further complete record yet.
  bool next(std::string& record);
  // The last record of next() will be returned again.
  void again() { offset_ = begin_; }
  // Skips the rest of this block.
  void skip_block();
  // Skipped bytes, and the offset of the first of them.
  std::uint64_t damaged_bytes() const { return damaged_bytes_; }
  std::uint64_t damaged_at() const { return damaged_at_; }
  // The end of the last record that was returned.
  std::uint64_t offset() const { return offset_; }

 private:
  enum class Found { piece, damage, end };
  struct Piece {
    bool begins = false, ends = false;
    std::string_view content = {};  // in block_
  };
  Found look(Piece& piece);
  void note_damage(std::uint64_t from, std::uint64_t to);
  bool in_block(std::size_t bytes);

  Fd file_;
  std::string block_ = {};      // the part of it that existed
  std::uint64_t block_at_ = 0;  // its offset in the file
  std::uint64_t begin_ = 0;     // of the last record that was returned
  std::uint64_t offset_ = 0;    // of the next fragment
  std::uint64_t damaged_bytes_ = 0, damaged_at_ = 0;
};

}  // namespace saker::output
