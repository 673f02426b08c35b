// SPDX-License-Identifier: Apache-2.0
// Walks the records of a span of bytes and checks each record before showing it. A malformed record
// is counted and skipped by its length if the length is plausible; otherwise nothing after it can
// be trusted, and the rest is dropped.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "decode/record.h"

namespace saker::decode {

struct Corruption {
  std::uint64_t records = 0;  // malformed ones
  std::uint64_t bytes = 0;    // dropped with them
};

class Cursor {
 public:
  Cursor() = default;
  Cursor(std::span<const std::byte> bytes, Corruption* corruption)
      : bytes_(bytes), corruption_(corruption) {
    settle();
  }

  // Whether there is a valid record at the cursor.
  bool valid() const { return len_ != 0; }
  Record record() const { return Record(bytes_.data() + at_); }
  void next() {
    at_ += len_;
    settle();
  }
  // Bytes before the cursor: shown, skipped or dropped.
  std::size_t done() const { return at_; }

 private:
  void settle() {
    while (at_ < bytes_.size()) {
      len_ = check(bytes_.subspan(at_));
      if (len_ != 0) return;
      skip();
    }
    len_ = 0;
  }
  void skip();

  std::span<const std::byte> bytes_;
  std::size_t at_ = 0, len_ = 0;
  Corruption* corruption_ = nullptr;
};

}  // namespace saker::decode
