// SPDX-License-Identifier: Apache-2.0
// The records of a segment, one after the other, whatever has become of its bytes: what is damaged
// is stepped over, to the next block, and counted. The file may grow meanwhile. One thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/fd.h"

namespace saker::output {

class BlockReader {
 public:
  explicit BlockReader(Fd file) : file_(std::move(file)) {}

  // False: there is no further whole record, as yet.
  bool next(std::string& record);
  // The record that next() gave comes again.
  void again() { offset_ = begin_; }
  // Gives up what is left of this block.
  void skip_block();
  // Bytes stepped over, and where the first of them stood.
  std::uint64_t damaged_bytes() const { return damaged_bytes_; }
  std::uint64_t damaged_at() const { return damaged_at_; }
  // Behind the last record that was given.
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
  std::string block_ = {};      // as much of it as there was
  std::uint64_t block_at_ = 0;  // where it stands in the file
  std::uint64_t begin_ = 0;     // of the record that was given last
  std::uint64_t offset_ = 0;    // of the next fragment
  std::uint64_t damaged_bytes_ = 0, damaged_at_ = 0;
};

}  // namespace saker::output
