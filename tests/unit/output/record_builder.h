// SPDX-License-Identifier: Apache-2.0
// A record as the module would write it, for tests.
#pragma once

#include <saker/event.h>

#include <cstring>
#include <string_view>
#include <vector>

namespace saker::output {

class RecordBuilder {
 public:
  RecordBuilder(std::uint16_t type, std::uint16_t slots) : words_(6 + slots) {
    head().type = type;
    head().nparams = slots;
    for (std::uint16_t i = 0; i < slots; i++) blob(i).flags = SAKER_BLOB_ABSENT;
  }
  RecordBuilder& number(unsigned slot, std::int64_t value) {
    words_[6 + slot] = static_cast<std::uint64_t>(value);
    return *this;
  }
  RecordBuilder& text(unsigned slot, std::string_view bytes) {
    std::size_t offset = words_.size() * 8;
    words_.resize(words_.size() + (bytes.size() + 7) / 8);
    std::memcpy(reinterpret_cast<char*>(words_.data()) + offset, bytes.data(), bytes.size());
    blob(slot) = {static_cast<std::uint32_t>(offset), static_cast<std::uint16_t>(bytes.size()), 0};
    return *this;
  }
  // The record; valid as long as the builder exists and nothing is added.
  const void* done() {
    head().len = static_cast<std::uint32_t>(words_.size() * 8);
    return words_.data();
  }
  saker_rec& head() { return *reinterpret_cast<saker_rec*>(words_.data()); }

 private:
  saker_blob& blob(unsigned slot) { return reinterpret_cast<saker_blob*>(words_.data() + 6)[slot]; }

  std::vector<std::uint64_t> words_;
};

}  // namespace saker::output
