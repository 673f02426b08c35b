// SPDX-License-Identifier: Apache-2.0
// Blocks of a recording, one after the other, wherever they come from. One thread.
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

  // The next undamaged block of whatever type; false at the end. Its content is valid until the
  // next call.
  virtual bool next() = 0;
  const BlockHead& head() const { return head_; }
  std::string_view content() const { return content_; }

  // How much was read and how much there is, in bytes; size 0: not known.
  virtual std::uint64_t position() const = 0;
  virtual std::uint64_t size() const = 0;
  // "FILE: byte N: what is wrong", for each span of damage; bounded, the last one then says how
  // many there were.
  const std::vector<std::string>& damage() const { return damage_; }
  // Damage that was found in the current block by who understands it.
  void complain(const std::string& what) { add_damage(offset_, what); }

 protected:
  explicit Blocks(std::string name) : name_(std::move(name)) {}
  void add_damage(std::uint64_t offset, const std::string& what);

  const std::string name_;
  std::uint64_t offset_ = 0;  // of the block
  BlockHead head_;
  std::string content_;

 private:
  std::vector<std::string> damage_;
  std::uint64_t damaged_ = 0;
};

}  // namespace saker::recording
