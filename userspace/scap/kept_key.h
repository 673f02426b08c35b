// SPDX-License-Identifier: Apache-2.0
// The key that CaptureOrigin::path_key made for an event, for the other events that share its
// parameters and descriptors (those of a recording's block). It depends on `head` too, and, if a
// path in it is relative, on the working directory. One thread.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "fields/scratch.h"

namespace saker::scap {

class KeptKey {
 public:
  // The key is stored in `memory`.
  explicit KeptKey(fields::Scratch& memory) : memory_(&memory) {}

  bool has(std::uint64_t head) const { return size_ > 0 && head == head_; }
  // Of a kept key: whether it contains a working directory, and whether it is this one.
  bool relative() const { return cwd_at_ > 0; }
  bool begins_at(std::string_view cwd) const { return whole().substr(cwd_at_, cwd_size_) == cwd; }
  std::string_view whole() const { return {bytes_, size_}; }

  // `cwd_at`: where the working directory is in the key; 0: it has none.
  void keep(std::uint64_t head, std::string_view key, std::size_t cwd_at, std::size_t cwd_size) {
    if (key.size() > room_) {
      room_ = static_cast<std::uint32_t>(key.size());
      bytes_ = memory_->take(room_);
    }
    std::memcpy(bytes_, key.data(), key.size());
    head_ = head;
    size_ = static_cast<std::uint32_t>(key.size());
    cwd_at_ = static_cast<std::uint32_t>(cwd_at);
    cwd_size_ = static_cast<std::uint32_t>(cwd_size);
  }

 private:
  fields::Scratch* memory_;
  char* bytes_ = nullptr;
  std::uint64_t head_ = 0;
  std::uint32_t size_ = 0, room_ = 0;  // size 0: no key is kept
  std::uint32_t cwd_at_ = 0, cwd_size_ = 0;
};

}  // namespace saker::scap
