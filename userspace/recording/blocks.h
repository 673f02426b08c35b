// SPDX-License-Identifier: Apache-2.0
// The blocks of a recording, one after the other, from any source. One thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "recording/frame.h"

namespace saker::recording {

class Blocks {
 public:
  virtual ~Blocks() = default;

  // The next undamaged block of any type; false at the end. Its content is valid until the next
  // call.
  virtual bool next() = 0;
  const BlockHead& head() const { return head_; }
  std::string_view content() const { return content_; }

  // Bytes read so far, and total bytes; size 0: unknown.
  virtual std::uint64_t position() const = 0;
  virtual std::uint64_t size() const = 0;
  // "FILE: byte N: the error", for each damaged span; the list is bounded, its last entry then says
  // how many more there were.
  const std::vector<std::string>& damage() const { return damage_; }
  // Reports damage inside the current block, found by the code that parses its content.
  void complain(const std::string& what) { add_damage(offset_, what); }

 protected:
  explicit Blocks(std::string name) : name_(std::move(name)) {}
  void add_damage(std::uint64_t offset, const std::string& what);

  const std::string name_;
  std::uint64_t offset_ = 0;  // of the current block
  BlockHead head_;
  std::string content_;

 private:
  std::vector<std::string> damage_;
  std::uint64_t damaged_ = 0;
};

}  // namespace saker::recording
