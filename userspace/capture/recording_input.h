// SPDX-License-Identifier: Apache-2.0
// The blocks of a recording, out of its file. What is damaged is stepped over: the next head that can be believed is where
// reading goes on. One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/fd.h"
#include "capture/recording_block.h"

namespace saker::capture::recording {

class Input {
 public:
  // Whether the file begins as a recording does; false too if it cannot be read.
  static bool is_recording(const std::string& path);
  static Result<std::unique_ptr<Input>> open(const std::string& path);

  // The next undamaged block of whatever type; false at the end of the file. Its content is valid until the next call.
  bool next();
  const BlockHead& head() const { return head_; }
  std::string_view content() const { return content_; }
  std::uint64_t offset() const { return offset_; }  // of the block

  std::uint64_t position() const { return at_; }
  std::uint64_t size() const { return size_; }
  // "FILE: byte N: what is wrong", for each stretch of damage; bounded, the last one then says how many there were.
  const std::vector<std::string>& damage() const { return damage_; }
  // Damage that was found in the current block by who understands it.
  void complain(const std::string& what);

 private:
  Input(Fd file, std::string name, std::uint64_t size) : file_(std::move(file)), name_(std::move(name)), size_(size) {}
  std::size_t read_at(std::uint64_t offset, char* to, std::size_t count) const;
  void add_damage(std::uint64_t offset, const std::string& what);
  // Where the next head is, from `from` on; the end of the file if there is none.
  std::uint64_t find_head(std::uint64_t from) const;
  bool take_block();

  Fd file_;
  const std::string name_;
  const std::uint64_t size_;
  std::uint64_t at_ = file_head, offset_ = 0;
  BlockHead head_;
  std::string stored_, content_;
  std::vector<std::string> damage_;
  std::uint64_t damaged_ = 0;
};

}  // namespace saker::capture::recording
