// SPDX-License-Identifier: Apache-2.0
// Makes a record in memory as the module would write it: for sources that are not the module, and
// for tests. The bytes belong to the builder and are valid until the next begin(). One thread.
#pragma once

#include <saker/event.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace saker::decode {

class RecordBuilder {
 public:
  // A record of `type` (SAKER_EV_*) with all slots of its family: numbers 0, blobs absent.
  RecordBuilder& begin(std::uint16_t type);

  saker_rec& head() { return *reinterpret_cast<saker_rec*>(words_.data()); }
  // `slot`: SAKER_P_*. A slot that the family does not have is ignored, and so is a value of the
  // wrong kind.
  RecordBuilder& number(unsigned slot, std::uint64_t value);
  RecordBuilder& number_signed(unsigned slot, std::int64_t value) {
    return number(slot, static_cast<std::uint64_t>(value));
  }
  // The bytes of a text, a path, a list or an address. Truncated, and flagged so, if the record has
  // no more space.
  RecordBuilder& blob(unsigned slot, std::string_view bytes, std::uint16_t flags = 0);
  RecordBuilder& sock(unsigned slot, const saker_sock& sock) {
    return blob(slot, {reinterpret_cast<const char*>(&sock), sizeof sock});
  }

  // The complete record, with its length set.
  std::span<const std::byte> finish();

 private:
  std::uint64_t* slots() { return words_.data() + SAKER_REC_HEAD / 8; }
  bool has(unsigned slot, bool is_blob) const;

  std::vector<std::uint64_t> words_;
  std::size_t used_ = 0;     // bytes
  std::uint64_t blobs_ = 0;  // one bit for each slot that is a blob
  unsigned slot_count_ = 0;
};

// Number of slots of an event's family; 0: there is no such event.
unsigned slot_count(std::uint16_t type);

}  // namespace saker::decode
