// SPDX-License-Identifier: Apache-2.0
// Turns records into the bytes of a segment. Knows no file: the caller writes the result. One
// thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace saker::output {

class BlockWriter {
 public:
  // Continues at this offset of a segment, which is the end of a record.
  void go_to(std::uint64_t offset) { offset_ = offset; }
  std::uint64_t offset() const { return offset_; }
  // Appends the bytes to `out` that follow those of the previous records.
  void append(std::string_view record, std::string& out);

 private:
  std::uint64_t offset_ = 0;
};

}  // namespace saker::output
