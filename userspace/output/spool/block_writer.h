// SPDX-License-Identifier: Apache-2.0
// Records as the bytes of a segment. Knows no file: the caller writes what it gets. One thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace saker::output {

class BlockWriter {
 public:
  // Goes on at this place of a segment, which is the end of a record.
  void go_to(std::uint64_t offset) { offset_ = offset; }
  std::uint64_t offset() const { return offset_; }
  // Appends to `out` the bytes that stand behind those of the records before.
  void append(std::string_view record, std::string& out);

 private:
  std::uint64_t offset_ = 0;
};

}  // namespace saker::output
